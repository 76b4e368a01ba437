import { z } from 'zod'
import { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'
import { wireErrorCode } from '../shared/wire/worker/wire-error-code.ts'

/** What the history process is asked to do; one job at a time. Every job first takes in the journal. */
export const HistoryJob = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ingest') }),
  z.strictObject({ kind: z.literal('recent'), query: HistoryQuery }),
  z.strictObject({ kind: z.literal('sql'), statement: z.string(), maxRows: z.int().min(1) }),
])
export type HistoryJob = z.infer<typeof HistoryJob>

export const HistoryCommand = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run-job'),
    jobId: z.int(),
    job: HistoryJob,
    /** The process died over this catalog before: set it aside rather than open it. */
    distrustCatalog: z.boolean(),
  }),
  z.strictObject({ type: z.literal('interrupt-job'), jobId: z.int() }),
  z.strictObject({ type: z.literal('close') }),
])
export type HistoryCommand = z.infer<typeof HistoryCommand>

export const HistoryResult = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ingest'), ingestedRows: z.int().min(0) }),
  z.strictObject({ kind: z.literal('recent'), rows: z.array(HistoryRow) }),
  z.strictObject({ kind: z.literal('sql'), table: QueriedTable }),
])
export type HistoryResult = z.infer<typeof HistoryResult>

/** One event ends each job. Notices are for people: a catalog that was set aside, lines that could not be read. */
export const HistoryEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('job-done'), jobId: z.int(), result: HistoryResult, notices: z.array(z.string()) }),
  z.strictObject({
    type: z.literal('job-failed'),
    jobId: z.int(),
    code: wireErrorCode('history-failed'),
    message: z.string(),
    notices: z.array(z.string()),
  }),
])
export type HistoryEvent = z.infer<typeof HistoryEvent>
