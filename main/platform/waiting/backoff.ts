export interface Backoff {
  /** 0: after the first failure. */
  readonly attempt: number
  readonly firstDelayMs: number
  readonly maxDelayMs: number
}

/** Doubles each time up to the maximum, and is spread over its upper half so that many do not come at once. */
export function backoffDelayMs({ attempt, firstDelayMs, maxDelayMs }: Backoff, spreadRatio: number): number {
  const fullMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt, 30))
  return fullMs * (0.5 + 0.5 * spreadRatio)
}
