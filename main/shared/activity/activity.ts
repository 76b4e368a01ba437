import { z } from 'zod'
import { ErrorCodeWord } from '../wire/error-code-word.ts'

const ActivityKind = z.enum([
  'machine-joined',
  'machine-left',
  'machine-updated',
  'cluster-changed',
  'model-loading',
  'model-ready',
  'model-recovering',
  'model-failed',
  'model-unloaded',
  'download-started',
  'download-done',
  'download-failed',
])
export type ActivityKind = z.infer<typeof ActivityKind>

/** Something that came or went in the cluster. */
export const Activity = z.strictObject({
  kind: ActivityKind,
  /** The name of the machine, the id of the model, or the name of the cluster. */
  subject: z.string(),
  /** The machine's name, for a download; null: it happened to no single machine. */
  machine: z.string().nullable(),
  /** Only for what happens to machines. */
  nodeId: z.string().nullable(),
  /** Why it failed, the new version, or the machine whose user started the download, if it is another one. */
  message: z.string().nullable(),
  /** The error code of a failure; absent without one. */
  code: ErrorCodeWord.optional(),
})
export type Activity = z.infer<typeof Activity>

/** An activity with its time in milliseconds since 1970, by the clock of the node that noticed it. */
export const LoggedActivity = Activity.extend({ id: z.int(), atMs: z.number() })
export type LoggedActivity = z.infer<typeof LoggedActivity>
