import type { ErrorCodeWith } from '../shared/error-codes.ts'
import type { PlacedInferenceRecord } from '../shared/inference/inference-record.ts'
import type { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'

export type HistoryStatus =
  /** `notice`, for people: why rows wait in the journal, or what became of an older catalog; null: all is well. */
  | { readonly state: 'on'; readonly catalogFile: string; readonly droppedRows: number; readonly notice: string | null }
  | { readonly state: 'off'; readonly reason: string }

export type HistoryErrorCode = ErrorCodeWith<'history'>

/** The inferences of this node, in a DuckLake. */
export interface History {
  /** Never throws and never waits. The row is on disk half a second later; beyond a bound, rows are dropped and counted. */
  append(record: PlacedInferenceRecord): void
  /** Newest first, all that was appended so far included. @throws AppError of a `HistoryErrorCode` */
  recent(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryRow[]>
  /** Answers one SELECT; files and settings are out of its reach. @throws AppError of a `HistoryErrorCode` */
  sql(statement: string, signal?: AbortSignal): Promise<QueriedTable>
  status(): HistoryStatus
  /** Brings what was appended into the catalog, for a limited time, and ends. */
  stop(): Promise<void>
}
