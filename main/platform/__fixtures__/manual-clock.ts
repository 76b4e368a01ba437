import type { Clock } from '../clock.ts'

interface Timer {
  dueMs: number
  readonly run: () => void
  readonly intervalMs: number | null
}

/** A clock that only tests advance. */
export class ManualClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#nowMs
  }

  epochMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = { dueMs: this.#nowMs + durationMs, run: resolve, intervalMs: null }
      this.#timers.add(timer)
      signal?.addEventListener('abort', () => {
        this.#timers.delete(timer)
        reject(signal.reason)
      })
    })
  }

  every(intervalMs: number, tick: () => void, signal: AbortSignal): void {
    const timer = { dueMs: this.#nowMs + intervalMs, run: tick, intervalMs }
    this.#timers.add(timer)
    signal.addEventListener('abort', () => this.#timers.delete(timer))
  }

  /** Runs due timers in order, and lets promises settle in between. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs
    await settle()
    for (;;) {
      const next = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (!next) break
      this.#nowMs = next.dueMs
      if (next.intervalMs === null) this.#timers.delete(next)
      else next.dueMs += next.intervalMs
      next.run()
      await settle()
    }
    this.#nowMs = endMs
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
