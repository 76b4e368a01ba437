import { z } from 'zod'
import { peerLine, peerText } from '../formats/peer-text.ts'
import { ModelId, NodeId } from '../ids.ts'
import { ErrorCodeWord } from '../wire/error-code-word.ts'

/** The hub's name for the newest revision of a model. */
export const MAIN_REVISION = 'main'

/** A branch, a tag or a commit of a model at the hub. It becomes a file name in the cache. */
export const HubRevision = z
  .string()
  .max(255)
  .regex(/^(?!.*\.\.)[\w+-][\w.+-]*(\/[\w+-][\w.+-]*)*$/, 'it must be a branch, a tag or a commit')

/** `failed`: it waits to be resumed or cancelled. `done`: all files have been downloaded. */
const DownloadStatus = z.enum(['running', 'paused', 'failed', 'done'])
export type DownloadStatus = z.infer<typeof DownloadStatus>

/** The download of a model's files to a node. */
export const DownloadReport = z.strictObject({
  id: z.string().max(64),
  modelId: ModelId,
  status: DownloadStatus,
  doneBytes: z.number().min(0),
  /** 0 until it is known. */
  totalBytes: z.number().min(0),
  /** The source of the last bytes: `hub`, or `peer` and its id. */
  source: peerLine(256),
  /** Bytes of the model that this node did not download from the internet. */
  savedBytes: z.number().min(0),
  /** Why it failed, for the user. */
  message: peerText(4000).nullable(),
  /** The error code of that reason, for texts in other languages; absent without one. */
  code: ErrorCodeWord.nullable().optional(),
  /** The node whose user started it, if it is another one: known to the node that was asked. */
  startedBy: NodeId.optional(),
})
export type DownloadReport = z.infer<typeof DownloadReport>

/** A download as in `GET /state`: with the node that receives the files. */
export const DownloadView = DownloadReport.extend({ nodeId: NodeId })
export type DownloadView = z.infer<typeof DownloadView>
