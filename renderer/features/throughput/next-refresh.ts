/** The history is asked for no more often. */
const LEAST_MS = 10_000

export interface Refresh {
  /** Grows with each refresh. */
  readonly version: number
  readonly atMs: number
  /** Something happened since. */
  readonly isDue: boolean
}

export const firstRefresh: Refresh = { version: 0, atMs: Number.NEGATIVE_INFINITY, isDue: false }

/** Whether to ask for the history anew: only if something happened, and then soon enough to show the last of it. */
export function nextRefresh(refresh: Refresh, hasHappened: boolean, nowMs: number): Refresh {
  const isDue = refresh.isDue || hasHappened
  if (isDue && nowMs - refresh.atMs >= LEAST_MS) return { version: refresh.version + 1, atMs: nowMs, isDue: false }
  return isDue === refresh.isDue ? refresh : { ...refresh, isDue }
}
