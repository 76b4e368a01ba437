import { z } from 'zod'
import { ModelId } from '../../shared/ids.ts'

/** A path inside a model folder: relative, with no way out of it. */
export const ModelFilePath = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    (path) =>
      !path.startsWith('/') && !path.includes('\\') && !path.split('/').some((part) => part === '' || part === '.' || part === '..'),
    'a path inside the folder',
  )

const Commit = z.string().regex(/^[0-9a-f]{40}$/)

/** What a node asks of one that has a model. */
export const ModelFileRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('list'), modelId: ModelId }),
  /** The bytes from `start` on. */
  z.strictObject({ type: z.literal('file'), modelId: ModelId, path: ModelFilePath, start: z.int().min(0) }),
  /** What is there of a model of the hub, whole or in parts. */
  z.strictObject({ type: z.literal('holdings'), modelId: ModelId, commit: Commit }),
  z.strictObject({
    type: z.literal('range'),
    modelId: ModelId,
    commit: Commit,
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

/** Follows the last byte of a file; of the whole file, whatever `start` was. */
export const ModelFileEnd = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })

/** One request and its answer, both ways in chunks; what the links between nodes offer. */
export interface ByteChannel {
  readonly signal: AbortSignal
  send(chunk: Uint8Array): Promise<void>
  end(): Promise<void>
  /** null after the other side's end. */
  receive(): Promise<Uint8Array | null>
  cancel(code: string, message: string): void
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** @throws SyntaxError | ZodError when a peer sent something else */
export function decodeJson<Output>(schema: z.ZodType<Output>, chunk: Uint8Array): Output {
  return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(chunk)))
}
