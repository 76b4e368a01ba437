const WINDOW_MS = 10 * 60_000
const MOST_ATTEMPTS = 5
/** Node keys cost nothing to create, so all machines together have a limit too, far above normal use. */
const MOST_ATTEMPTS_OF_ALL = 60

export interface PairingAttempt {
  /** The address of the machine, which a new node key does not change. */
  readonly machine: string
  readonly atMs: number
}

/**
 * Whether a machine may display digits here. Each try has a chance of one in a million to impersonate another machine,
 * so each machine gets few tries, and none uses up those of another. Times are milliseconds of one clock.
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
