import { ipv6Network } from './ipv6-network.ts'
import { keepLatest } from '../../shared/keep-latest.ts'

/** The first misses may be typing errors. Each further one doubles the delay, up to a minute. */
const FREE_MISSES = 3
/** A host can take any address of its IPv6 network, which other machines share: far above what they mistype. */
const FREE_MISSES_OF_NETWORK = 30
const FIRST_DELAY_MS = 1000
const LAST_DELAY_MS = 60_000
const FORGET_MS = 10 * 60_000
const MAX_MACHINES = 1024

interface Misses {
  readonly count: number
  readonly lastMs: number
}

/**
 * The delay before a machine that guesses keys may try again. After many misses from its IPv6 network, the machines there that
 * have shown no right key are delayed too.
 * Pure: times are parameters, in milliseconds of one clock.
 */
export class SlowGuesses {
  readonly #misses = new Map<string, Misses>()
  readonly #ofNetworks = new Map<string, Misses>()
  readonly #proven = new Set<string>()

  /** 0: now. */
  waitMs(machine: string, nowMs: number): number {
    const network = this.#proven.has(machine) ? null : ipv6Network(machine)
    const ofNetwork = network === null ? undefined : this.#ofNetworks.get(network)
    return Math.max(waitAfter(this.#misses.get(machine), FREE_MISSES, nowMs), waitAfter(ofNetwork, FREE_MISSES_OF_NETWORK, nowMs))
  }

  /** @returns the number of recent misses */
  missed(machine: string, nowMs: number): number {
    const network = ipv6Network(machine)
    if (network !== null) countMiss(this.#ofNetworks, network, nowMs)
    return countMiss(this.#misses, machine, nowMs)
  }

  /** The machine has a key, but perhaps not the one that it guesses. */
  proven(machine: string): void {
    this.#proven.delete(machine)
    this.#proven.add(machine)
    keepLatest(this.#proven, MAX_MACHINES)
  }

  /** The machine has proven the key. */
  forgive(machine: string): void {
    this.#misses.delete(machine)
    this.proven(machine)
  }
}

function waitAfter(misses: Misses | undefined, freeMisses: number, nowMs: number): number {
  if (!misses || nowMs - misses.lastMs > FORGET_MS || misses.count < freeMisses) return 0
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(misses.count - freeMisses, 16), LAST_DELAY_MS)
  return Math.max(0, misses.lastMs + delayMs - nowMs)
}

function countMiss(misses: Map<string, Misses>, key: string, nowMs: number): number {
  const before = misses.get(key)
  const count = before && nowMs - before.lastMs <= FORGET_MS ? before.count + 1 : 1
  misses.delete(key)
  misses.set(key, { count, lastMs: nowMs })
  keepLatest(misses, MAX_MACHINES)
  return count
}
