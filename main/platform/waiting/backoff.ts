export interface Backoff {
  /** 0: the delay after the first failure. */
  readonly attempt: number
  readonly firstDelayMs: number
  readonly maxDelayMs: number
}

/** Doubles each time up to the maximum, and varies within its upper half so that clients do not all retry at once. */
export function backoffDelayMs({ attempt, firstDelayMs, maxDelayMs }: Backoff, spreadRatio: number): number {
  const fullMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt, 30))
  return fullMs * (0.5 + 0.5 * spreadRatio)
}
