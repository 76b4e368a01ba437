/** Rows in the journal that are not in the catalog yet. */
export interface JournalState {
  readonly rows: number
  readonly firstRowAtMs: number
  readonly lastRowAtMs: number
}

export interface IngestLimits {
  /** Time after the last request, so that DuckDB's process runs while the node is idle … */
  readonly quietMs: number
  /** … but no later than this after the first row … */
  readonly longestMs: number
  /** … or once there are this many rows. */
  readonly rows: number
}

/** How long the journal's rows may still wait; 0: copy them now. */
export function ingestDelayMs({ rows, firstRowAtMs, lastRowAtMs }: JournalState, nowMs: number, limits: IngestLimits): number {
  if (rows >= limits.rows) return 0
  return Math.max(0, Math.min(lastRowAtMs + limits.quietMs, firstRowAtMs + limits.longestMs) - nowMs)
}
