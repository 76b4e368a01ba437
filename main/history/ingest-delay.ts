/** Rows that are in the journal and not yet in the catalog. */
export interface JournalState {
  readonly rows: number
  readonly firstRowAtMs: number
  readonly lastRowAtMs: number
}

export interface IngestLimits {
  /** After the last request, so that the process that holds DuckDB runs while the node is quiet … */
  readonly quietMs: number
  /** … but no later than this time after the first … */
  readonly longestMs: number
  /** … or at this number of rows. */
  readonly rows: number
}

/** How long the journal's rows may still wait; 0: take them now. */
export function ingestDelayMs({ rows, firstRowAtMs, lastRowAtMs }: JournalState, nowMs: number, limits: IngestLimits): number {
  if (rows >= limits.rows) return 0
  return Math.max(0, Math.min(lastRowAtMs + limits.quietMs, firstRowAtMs + limits.longestMs) - nowMs)
}
