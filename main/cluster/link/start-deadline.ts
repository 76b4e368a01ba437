import type { Clock } from '../../platform/clock.ts'

export interface Deadline {
  /** Aborted when the time is over, or with `parent`. */
  readonly signal: AbortSignal
  cancel(): void
}

/** A limit for something that takes an AbortSignal. `reason` makes the error that the signal carries when the time is over. */
export function startDeadline(clock: Clock, limitMs: number, parent: AbortSignal, reason: () => Error): Deadline {
  const ending = new AbortController()
  const timing = new AbortController()
  clock.sleep(limitMs, timing.signal).then(
    () => ending.abort(reason()),
    () => {},
  )
  return { signal: AbortSignal.any([ending.signal, parent]), cancel: () => timing.abort() }
}
