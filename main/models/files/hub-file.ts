import { ModelFilePath } from './model-file-messages.ts'
import { z } from 'zod'
import { ModelId } from '../../shared/ids.ts'

/** A commit of a repository. */
export const HubCommit = z.string().regex(/^[0-9a-f]{40}$/)

/** A file of a repository at one commit. */
export const HubFile = z.strictObject({
  path: ModelFilePath,
  sizeBytes: z.int().min(0),
  /** Names its content: the sha256 of a large file, the git sha1 of a small one. */
  etag: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
})
export type HubFile = z.infer<typeof HubFile>

/** The files of a model at one commit: what is fetched by it never changes. */
export const HubManifest = z.strictObject({ modelId: ModelId, commit: HubCommit, files: z.array(HubFile).max(4096) })
export type HubManifest = z.infer<typeof HubManifest>

/** Whether a name can be a model of the hub: `organization/name`. */
export function isHubId(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(name) && !/--|\.\./.test(name)
}
