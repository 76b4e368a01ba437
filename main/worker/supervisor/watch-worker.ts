import type { ShardStats } from '../../shared/shard.ts'
import { type GivenTime, liveOn, NO_TIME, passedMs, seeCpu, stoodMs } from './given-time.ts'
import { learnSteps, type SlowestSteps, slowestMs, type TimedStep } from './slowest-steps.ts'

/**
 * Slow is not hung: a worker is ended only for missing its limits in time that it was actually given. All times are of
 * that kind, and a pause of the supervisor itself does not count against its worker.
 */
export interface WatchState {
  readonly time: GivenTime
  readonly tickedAtMs: number
  readonly heardAtMs: number
  /** The worker's lifetime at its last message. */
  readonly livedAtWordMs: number
  /** When the engine last made progress or had nothing to do. */
  readonly movedAtMs: number
  readonly steps: number
  readonly layersDone: number
  readonly stepTokens: number
  readonly slowest: SlowestSteps
  /** Number of times that this worker was seen to make progress. Other ranks of its group wait for one that does. */
  readonly moves: number
  /** When the engine began to load a draft model; null: it is not loading one. */
  readonly draftSinceMs: number | null
}

export interface WatchLimits {
  readonly heartbeatSilenceMs: number
  readonly stepMs: number
  readonly firstStepMs: number
  readonly draftMs: number
}

export interface WorkerHeartbeat {
  readonly stats: ShardStats
  readonly loadsDraft: boolean
  /** Layers evaluated since the shard was opened: progress within a step. */
  readonly layersDone?: number | undefined
  /** Size of the running step, in tokens. */
  readonly stepTokens?: number | undefined
  readonly cpuMs?: number | undefined
  /** The slowest steps of each size that ended since the last heartbeat. */
  readonly slowSteps?: readonly TimedStep[] | undefined
}

export type WorkerFault = { readonly reason: 'silent' | 'stuck'; readonly forMs: number }

/** A longer pause between ticks was the supervisor's own. */
const LONGEST_TICK_MS = 2_000
/** A step may take this many times as long as the slowest one of its size before the worker counts as stuck. */
const SLOWEST_STEP_FACTOR = 4

export function startWatch(nowMs: number): WatchState {
  return {
    time: NO_TIME,
    tickedAtMs: nowMs,
    heardAtMs: 0,
    livedAtWordMs: 0,
    movedAtMs: 0,
    steps: 0,
    layersDone: 0,
    stepTokens: 1,
    slowest: new Map(),
    moves: 0,
    draftSinceMs: null,
  }
}

/** Any event proves that the process is alive; a heartbeat also shows whether its engine makes progress. */
export function hearWorker(state: WatchState, heartbeat: WorkerHeartbeat | null): WatchState {
  const nowMs = passedMs(state.time)
  const livedAtWordMs = state.time.livedMs
  if (heartbeat === null) return { ...state, heardAtMs: nowMs, livedAtWordMs }
  const { stats, loadsDraft, layersDone = state.layersDone, stepTokens = 1, cpuMs, slowSteps = [] } = heartbeat
  const heard = {
    ...state,
    time: cpuMs === undefined ? state.time : seeCpu(state.time, cpuMs),
    heardAtMs: nowMs,
    livedAtWordMs,
    steps: stats.steps,
    layersDone,
    stepTokens: Math.max(1, stepTokens),
    slowest: learnSteps(state.slowest, slowSteps),
  }
  // No step can run in the meantime: the clock of the next one starts when the draft is loaded.
  if (loadsDraft) return { ...heard, movedAtMs: nowMs, draftSinceMs: state.draftSinceMs ?? nowMs }
  const hasMoved = stats.steps !== state.steps || layersDone !== state.layersDone
  const isIdle = stats.running === 0 && stats.waiting === 0
  return { ...heard, draftSinceMs: null, movedAtMs: hasMoved || isIdle ? nowMs : state.movedAtMs, moves: state.moves + (hasMoved ? 1 : 0) }
}

/** Takes in the system's figures for the process, which need no message from it. */
export function seeProcess(state: WatchState, cpuMs: number): WatchState {
  return { ...state, time: seeCpu(state.time, cpuMs) }
}

/**
 * Called at the first work after an idle time, or when another rank that this one waits for makes progress: the clock
 * of the next step starts here.
 */
export function restartClock(state: WatchState): WatchState {
  return { ...state, movedAtMs: passedMs(state.time) }
}

/** @returns the fault for which the worker must be ended; null while it is healthy */
export function tickWatch(
  state: WatchState,
  nowMs: number,
  hasWork: boolean,
  limits: WatchLimits,
): { state: WatchState; fault: WorkerFault | null } {
  const time = liveOn(state.time, Math.min(nowMs - state.tickedAtMs, LONGEST_TICK_MS))
  const { countedMs } = time
  const wasGivenLittle = time.isStarved && countedMs > state.time.countedMs
  const next = { ...state, time, tickedAtMs: nowMs, moves: state.moves + (wasGivenLittle ? 1 : 0) }
  // A stopped process is silent for all of its lifetime; the time that it computed before it was stopped must not make it look starved.
  const silentMs = Math.max(countedMs - state.heardAtMs, Math.min(stoodMs(time), time.livedMs - state.livedAtWordMs))
  if (silentMs > limits.heartbeatSilenceMs) return { state: next, fault: { reason: 'silent', forMs: silentMs } }
  const draftMs = countedMs - (state.draftSinceMs ?? countedMs)
  if (draftMs > limits.draftMs) return { state: next, fault: { reason: 'stuck', forMs: draftMs } }
  const stuckMs = countedMs - state.movedAtMs
  if (hasWork && stuckMs > stepLimitMs(state, limits)) return { state: next, fault: { reason: 'stuck', forMs: stuckMs } }
  return { state: next, fault: null }
}

function stepLimitMs({ steps, slowest, stepTokens }: WatchState, { stepMs, firstStepMs }: WatchLimits): number {
  if (steps === 0) return firstStepMs
  const slowestOfSize = slowestMs(slowest, stepTokens)
  // A worker that reports no step times at all gets the shorter limit.
  if (slowestOfSize === null) return slowest.size === 0 ? stepMs : firstStepMs
  return Math.max(stepMs, SLOWEST_STEP_FACTOR * slowestOfSize)
}
