const WINDOW_MS = 10 * 60_000
const MOST_ATTEMPTS = 5

/**
 * Whether another machine may show its digits here: each try has one chance in a million to pass for another, so there are
 * few of them. Times are milliseconds of one clock.
 */
export function admitPairing(attemptsMs: readonly number[], nowMs: number): { readonly isAdmitted: boolean; readonly attemptsMs: readonly number[] } {
  const recent = attemptsMs.filter((attemptMs) => nowMs - attemptMs < WINDOW_MS)
  const isAdmitted = recent.length < MOST_ATTEMPTS
  return { isAdmitted, attemptsMs: isAdmitted ? [...recent, nowMs] : recent }
}
