import type { ErrorCodeWith } from '../shared/error-codes.ts'
import type { PlacedInferenceRecord } from '../shared/inference/inference-record.ts'
import type { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'

export type HistoryStatus =
  /** `notice`, for the user: why rows wait in the journal, or what happened to an older catalog; null: all is well. */
  | { readonly state: 'on'; readonly catalogFile: string; readonly droppedRows: number; readonly notice: string | null }
  | { readonly state: 'off'; readonly reason: string }

export type HistoryErrorCode = ErrorCodeWith<'history'>

/** The past inferences of this node, stored in a DuckLake. */
export interface History {
  /** Never throws and never waits. The row is on disk half a second later; beyond a limit, rows are dropped and counted. */
  append(record: PlacedInferenceRecord): void
  /** Newest first, including all rows appended so far. @throws AppError of a `HistoryErrorCode` */
  recent(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryRow[]>
  /** Runs one SELECT, which cannot access files or settings. @throws AppError of a `HistoryErrorCode` */
  sql(statement: string, signal?: AbortSignal): Promise<QueriedTable>
  status(): HistoryStatus
  /** Copies the appended rows into the catalog, for a limited time, and ends. */
  stop(): Promise<void>
}
