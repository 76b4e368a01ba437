import { z } from 'zod'
import { ModelId } from '../../ids.ts'

/** A path inside a model folder: relative, and never leading out of it. */
export const ModelFilePath = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    (path) =>
      !path.startsWith('/') && !path.includes('\\') && !path.split('/').some((part) => part === '' || part === '.' || part === '..'),
    'a path inside the folder',
  )

/** A commit of a repository. */
export const HubCommit = z.string().regex(/^[0-9a-f]{40}$/)

/** A file of a repository at one commit. */
export const HubFile = z.strictObject({
  path: ModelFilePath,
  sizeBytes: z.int().min(0),
  /** Identifies its content: the sha256 of a large file, the git sha1 of a small one. */
  etag: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
})
export type HubFile = z.infer<typeof HubFile>

export const PresentRanges = z.record(z.string(), z.array(z.strictObject({ start: z.int().min(0), end: z.int().min(0) })))
export type PresentRanges = z.infer<typeof PresentRanges>

/** Requests to a node that has a model. */
export const ModelFileRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('list'), modelId: ModelId }),
  /** The bytes from `start` on. */
  z.strictObject({ type: z.literal('file'), modelId: ModelId, path: ModelFilePath, start: z.int().min(0) }),
  /** The files of a hub model that a node has, complete or partial. */
  z.strictObject({ type: z.literal('holdings'), modelId: ModelId, commit: HubCommit }),
  z.strictObject({
    type: z.literal('range'),
    modelId: ModelId,
    commit: HubCommit,
    path: ModelFilePath,
    start: z.int().min(0),
    end: z.int().min(0),
  }),
])
export type ModelFileRequest = z.infer<typeof ModelFileRequest>

export const ModelFileList = z.strictObject({
  files: z.array(z.strictObject({ path: ModelFilePath, sizeBytes: z.int().min(0) })).max(4096),
})
export type ModelFileList = z.infer<typeof ModelFileList>

/** Follows the last byte of a file. The checksum is that of the whole file, regardless of `start`. */
export const ModelFileEnd = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })

/** The parts of a model at one commit that a node holds. */
export const PartHoldings = z.strictObject({
  commit: HubCommit,
  files: z.array(HubFile).max(4096),
  present: PresentRanges,
  /** More parts are being fetched. */
  isFetching: z.boolean(),
})
export type PartHoldings = z.infer<typeof PartHoldings>
