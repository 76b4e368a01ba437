import { keepLatest } from '../../shared/keep-latest.ts'

const WINDOW_MS = 10_000
const MOST_OF_ONE = 40
const MAX_MACHINES = 1024

/** Limits how often a machine may knock here. Pure: times are parameters, in milliseconds of one clock. */
export class KnockPace {
  readonly #counts = new Map<string, { readonly sinceMs: number; count: number }>()

  allows(machine: string, nowMs: number): boolean {
    const counted = this.#counts.get(machine)
    if (counted && nowMs - counted.sinceMs < WINDOW_MS) return ++counted.count <= MOST_OF_ONE
    this.#counts.delete(machine)
    this.#counts.set(machine, { sinceMs: nowMs, count: 1 })
    keepLatest(this.#counts, MAX_MACHINES)
    return true
  }
}
