import { z } from 'zod'
import { ModelId } from '../../shared/ids.ts'
import { HubCommit, HubFile } from '../../shared/wire/peer/model-file-request.ts'

/** The files of a model at one commit: what is fetched by it never changes. */
export const HubManifest = z.strictObject({ modelId: ModelId, commit: HubCommit, files: z.array(HubFile).max(4096) })
export type HubManifest = z.infer<typeof HubManifest>

/** Whether a name can be a model of the hub: `organization/name`. */
export function isHubId(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(name) && !/--|\.\./.test(name)
}
