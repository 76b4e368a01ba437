import { performance } from 'node:perf_hooks'

/** Time, as every room but the pure ones gets it: passed in, so that tests can set it. */
export interface Clock {
  /** Milliseconds of a clock that never goes back and stands still while the machine sleeps; its zero means nothing. */
  now(): number
  /** Milliseconds since 1970. */
  epochMs(): number
  /** Rejects with the signal's reason when that aborts first. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
  /** Calls `tick` until `signal` aborts, the first time within `intervalMs`. Does not keep the process alive. */
  every(intervalMs: number, tick: () => void, signal: AbortSignal): void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, durationMs)
      signal?.addEventListener('abort', stop, { once: true })
    }),
  every: (intervalMs, tick, signal) => {
    if (signal.aborted) return
    // What comes as often comes together: one wake-up of the process for all of it.
    let timer = setTimeout(
      () => {
        timer = setInterval(tick, intervalMs).unref()
        tick()
      },
      intervalMs - (performance.now() % intervalMs),
    ).unref()
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  },
}
