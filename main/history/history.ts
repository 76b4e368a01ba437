import type { FinishReason, InferenceTimings, Usage } from '../shared/inference.ts'
import type { HistoryQuery, HistoryRow, HistoryTable } from '../shared/history.ts'
import type { Trit } from '../shared/trit.ts'

/** One inference that ended, well or not. Its words are not in it. */
export interface HistoryEntry {
  readonly requestId: string
  /** As the client named it. */
  readonly model: string
  readonly modelId: string | null
  readonly instanceId: string | null
  /** Unsigned 64-bit, in decimal. */
  readonly seed: string | null
  /** One for each choice; null: it failed. */
  readonly finishReasons: readonly FinishReason[] | null
  readonly errorCode: string | null
  readonly usage: Usage
  readonly timings: InferenceTimings
  readonly resumes: number
  /** How many nodes hold the instance; 0: it never got to one. */
  readonly devices: number
  readonly strategy: string | null
  readonly backend: string | null
  /** 0 for ordinary requests, -1 for those of a validator, +1 for speculative ones. */
  readonly trit: Trit
}

export type HistoryStatus =
  /** `notice`, for people: why rows wait in the journal, or what became of an older catalog; null: all is well. */
  | { readonly state: 'on'; readonly catalogFile: string; readonly droppedRows: number; readonly notice: string | null }
  | { readonly state: 'off'; readonly reason: string }

export type HistoryErrorCode =
  | 'history-off'
  | 'history-locked'
  | 'history-busy'
  | 'history-failed'
  | 'history-timeout'
  | 'query-refused'
  | 'query-failed'

/** The inferences of this node, in a DuckLake. */
export interface History {
  /** Never throws and never waits. The row is on disk half a second later; beyond a bound, rows are dropped and counted. */
  append(entry: HistoryEntry): void
  /** Newest first, all that was appended so far included. @throws AppError of a `HistoryErrorCode` */
  recent(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryRow[]>
  /** Answers one SELECT; files and settings are out of its reach. @throws AppError of a `HistoryErrorCode` */
  sql(statement: string, signal?: AbortSignal): Promise<HistoryTable>
  status(): HistoryStatus
  /** Brings what was appended into the catalog, for a limited time, and ends. */
  stop(): Promise<void>
}
