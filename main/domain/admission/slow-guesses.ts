import { keepLatest } from '../../shared/keep-latest.ts'

/** The first misses may be typing errors. Each further one doubles the delay, up to a minute. */
const FREE_MISSES = 3
const FIRST_DELAY_MS = 1000
const LAST_DELAY_MS = 60_000
const FORGET_MS = 10 * 60_000
const MAX_MACHINES = 1024

interface Misses {
  readonly count: number
  readonly lastMs: number
}

/** The delay before a machine that guesses keys may try again. Pure: times are parameters, in milliseconds of one clock. */
export class SlowGuesses {
  readonly #misses = new Map<string, Misses>()

  /** 0: now. */
  waitMs(machine: string, nowMs: number): number {
    const misses = this.#misses.get(machine)
    if (!misses || nowMs - misses.lastMs > FORGET_MS || misses.count < FREE_MISSES) return 0
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(misses.count - FREE_MISSES, 16), LAST_DELAY_MS)
    return Math.max(0, misses.lastMs + delayMs - nowMs)
  }

  /** @returns the number of recent misses */
  missed(machine: string, nowMs: number): number {
    const before = this.#misses.get(machine)
    const count = before && nowMs - before.lastMs <= FORGET_MS ? before.count + 1 : 1
    this.#misses.delete(machine)
    this.#misses.set(machine, { count, lastMs: nowMs })
    keepLatest(this.#misses, MAX_MACHINES)
    return count
  }

  /** The machine has proven the key. */
  forgive(machine: string): void {
    this.#misses.delete(machine)
  }
}
