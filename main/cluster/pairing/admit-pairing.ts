const WINDOW_MS = 10 * 60_000
const MOST_ATTEMPTS = 5
/** Node keys cost nothing to make, so all machines together have a bound too, far above what people do. */
const MOST_ATTEMPTS_OF_ALL = 60

export interface PairingAttempt {
  /** The address of the machine, which a new node key does not change. */
  readonly machine: string
  readonly atMs: number
}

/**
 * Whether a machine may show its digits here: each try has one chance in a million to pass for another, so there are few of
 * them for each machine, and one machine uses up no other's. Times are milliseconds of one clock.
 */
export function admitPairing(
  attempts: readonly PairingAttempt[],
  machine: string,
  nowMs: number,
): { readonly isAdmitted: boolean; readonly attempts: readonly PairingAttempt[] } {
  const recent = attempts.filter(({ atMs }) => nowMs - atMs < WINDOW_MS)
  const isAdmitted = recent.length < MOST_ATTEMPTS_OF_ALL && recent.filter((attempt) => attempt.machine === machine).length < MOST_ATTEMPTS
  return { isAdmitted, attempts: isAdmitted ? [...recent, { machine, atMs: nowMs }] : recent }
}
