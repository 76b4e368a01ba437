import { performance } from 'node:perf_hooks'

/** Time, passed as a parameter to every room except the pure ones, so that tests can control it. */
export interface Clock {
  /** Milliseconds of a monotonic clock that stops while the machine sleeps; its zero is arbitrary. */
  now(): number
  /** Milliseconds since 1970. */
  epochMs(): number
  /** Rejects with the signal's reason if that aborts first. */
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
    // Timers with the same interval fire together, so that the process wakes up only once for all of them.
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
