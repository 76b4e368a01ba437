import { z } from 'zod'
import { ModelId } from '../../shared/ids.ts'
import { HubCommit, HubFile } from '../../shared/wire/peer/model-file-request.ts'

/** The files of a model at one commit. Files fetched by a manifest never change. */
export const HubManifest = z.strictObject({ modelId: ModelId, commit: HubCommit, files: z.array(HubFile).max(4096) })
export type HubManifest = z.infer<typeof HubManifest>

/** Whether a name has the form of a model id of the hub: `organization/name`. */
export function isHubId(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(name) && !/--|\.\./.test(name)
}
