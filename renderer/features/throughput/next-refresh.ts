/** The minimum time between two requests for the history. */
const LEAST_MS = 10_000

export interface Refresh {
  /** Increases with each refresh. */
  readonly version: number
  readonly atMs: number
  /** Whether something happened since the last refresh. */
  readonly isDue: boolean
}

export const firstRefresh: Refresh = { version: 0, atMs: Number.NEGATIVE_INFINITY, isDue: false }

/** When to fetch the history again: only after something happened, and soon enough to show it. */
export function nextRefresh(refresh: Refresh, hasHappened: boolean, nowMs: number): Refresh {
  const isDue = refresh.isDue || hasHappened
  if (isDue && nowMs - refresh.atMs >= LEAST_MS) return { version: refresh.version + 1, atMs: nowMs, isDue: false }
  return isDue === refresh.isDue ? refresh : { ...refresh, isDue }
}
