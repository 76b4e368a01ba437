import { NO_SHARD_STATS, type ShardStats } from '../../../shared/shard.ts'
import { hearWorker, seeProcess, startWatch, tickWatch, type WatchLimits, type WatchState, type WorkerFault } from '../watch-worker.ts'

/** The share of one processor that the machine gives to the worker, for a while. */
export interface Share {
  readonly forMs: number
  readonly share: number
}

/** A step's work, which the engine repeats. */
export interface Work {
  readonly tokens: number
  readonly layers: number
  readonly layerCpuMs: number
}

export interface Life {
  readonly shares: readonly Share[]
  /** Steps, by turns. */
  readonly works: readonly Work[]
  /** When the engine's thread makes no more progress; null: never. */
  readonly seizedAtMs: number | null
  readonly seizure: 'spins' | 'is deadlocked'
}

export interface EndOfLife {
  readonly fault: WorkerFault | null
  readonly endedMs: number
  /** What it used since it was seized. */
  readonly spentCpuMs: number
}

export const SIMULATED_LIMITS: WatchLimits = { heartbeatSilenceMs: 10_000, stepMs: 10_000, firstStepMs: 60_000, draftMs: 600_000 }
const TURN_MS = 50
const HEARTBEAT_MS = 1_000
const TICK_MS = 500
/** What the process uses for its heartbeats. */
const OWN_SHARE = 0.002
/** As the system reports it. */
const CPU_TICK_MS = 10

/** Of a shard that works on one answer. */
export const BUSY_STATS: ShardStats = { ...NO_SHARD_STATS, running: 1 }

/** Lives a worker's life under a watch, on a simulated clock, until its first fault or the end of its shares. */
export function simulateLife({ shares, works, seizedAtMs, seizure }: Life): EndOfLife {
  let state: WatchState = startWatch(0)
  const engine = new SimulatedEngine(works)
  let cpuMs = 0
  let cpuAtSeizureMs: number | null = null
  let nowMs = 0
  for (const { forMs, share } of shares) {
    for (const untilMs = nowMs + forMs; nowMs < untilMs; ) {
      nowMs += TURN_MS
      const isSeized = seizedAtMs !== null && nowMs > seizedAtMs
      if (isSeized) cpuAtSeizureMs ??= cpuMs
      const turnCpuMs = TURN_MS * (isSeized && seizure === 'is deadlocked' ? OWN_SHARE : share)
      cpuMs += turnCpuMs
      if (!isSeized) engine.compute(turnCpuMs, nowMs)
      if (nowMs % HEARTBEAT_MS === 0) state = hearWorker(state, { ...engine.report(), cpuMs })
      if (nowMs % TICK_MS !== 0) continue
      const ticked = tickWatch(state, nowMs, true, SIMULATED_LIMITS)
      if (ticked.fault) return { fault: ticked.fault, endedMs: nowMs, spentCpuMs: cpuMs - (cpuAtSeizureMs ?? cpuMs) }
      state = seeProcess(ticked.state, Math.floor(cpuMs / CPU_TICK_MS) * CPU_TICK_MS)
    }
  }
  return { fault: null, endedMs: nowMs, spentCpuMs: cpuMs - (cpuAtSeizureMs ?? cpuMs) }
}

class SimulatedEngine {
  readonly #works: readonly Work[]
  #steps = 0
  #layersDone = 0
  #layersOfStep = 0
  #spentMs = 0
  #stepSpentMs = 0
  #beganMs = 0
  #ended: { tokens: number; durationMs: number; cpuMs: number }[] = []

  constructor(works: readonly Work[]) {
    this.#works = works
  }

  compute(cpuMs: number, nowMs: number): void {
    this.#spentMs += cpuMs
    this.#stepSpentMs += cpuMs
    for (let work = this.#work(); this.#spentMs >= work.layerCpuMs; work = this.#work()) {
      this.#spentMs -= work.layerCpuMs
      this.#layersDone += 1
      this.#layersOfStep += 1
      if (this.#layersOfStep < work.layers) continue
      this.#ended.push({ tokens: work.tokens, durationMs: nowMs - this.#beganMs, cpuMs: this.#stepSpentMs - this.#spentMs })
      this.#steps += 1
      this.#layersOfStep = 0
      this.#stepSpentMs = this.#spentMs
      this.#beganMs = nowMs
    }
  }

  report() {
    const slowSteps = this.#ended
    this.#ended = []
    const stats = { ...BUSY_STATS, steps: this.#steps }
    return { stats, loadsDraft: false, layersDone: this.#layersDone, stepTokens: this.#work().tokens, slowSteps }
  }

  #work(): Work {
    return this.#works[this.#steps % this.#works.length]!
  }
}
