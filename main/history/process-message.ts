import { z } from 'zod'
import { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'
import { wireErrorCode } from '../shared/wire/worker/wire-error-code.ts'

/** The jobs of the history process, which runs one at a time. Every job first copies the journal into the catalog. */
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
    /** The process has died over this catalog: set it aside instead of opening it. */
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

/** One event ends each job. Notices are for the user: a catalog that was set aside, or lines that could not be read. */
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
