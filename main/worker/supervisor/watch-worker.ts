import type { ShardStats } from '../../shared/shard.ts'
import { type GivenTime, liveOn, type Moment, momentOf, NO_TIME, seeCpu, stoodMs, usedSince } from './given-time.ts'
import { expectedCost, learnSteps, type SlowestSteps, type TimedStep } from './slowest-steps.ts'

/**
 * Slow is not hung: a worker is ended only for missing its limits in time that it was actually given, or for using far more
 * processor time than its step needs. A pause of the supervisor itself does not count against its worker.
 */
export interface WatchState {
  readonly time: GivenTime
  readonly tickedAtMs: number
  /** Its last message. */
  readonly heard: Moment
  /** When the clock of the current step started: the engine, or another rank that it waits for, made progress or had nothing to do. */
  readonly moved: Moment
  /** When the engine itself last made progress or had nothing to do. */
  readonly progressed: Moment
  /** When the last step ended. */
  readonly stepped: Moment
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
/** Without progress, it may use this many times the processor time of the costliest step of its size, which reports progress often. */
const COSTLIEST_STEP_FACTOR = 3
/** What a process may use beside its steps, for example to compile its code or to collect garbage. */
const LEAST_SPIN_CPU_MS = 1_000

export function startWatch(nowMs: number): WatchState {
  const start = momentOf(NO_TIME)
  return {
    time: NO_TIME,
    tickedAtMs: nowMs,
    heard: start,
    moved: start,
    progressed: start,
    stepped: start,
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
  if (heartbeat === null) return { ...state, heard: momentOf(state.time) }
  const { stats, loadsDraft, layersDone = state.layersDone, stepTokens = 1, cpuMs, slowSteps = [] } = heartbeat
  const time = cpuMs === undefined ? state.time : seeCpu(state.time, cpuMs)
  const now = momentOf(time)
  const heard = {
    ...state,
    time,
    heard: now,
    steps: stats.steps,
    layersDone,
    stepTokens: Math.max(1, stepTokens),
    slowest: learnSteps(state.slowest, slowSteps, Math.max(0, now.givenMs - state.stepped.givenMs)),
  }
  const rested = { ...heard, moved: now, progressed: now, stepped: now }
  // No step can run in the meantime: the clock of the next one starts when the draft is loaded.
  if (loadsDraft) return { ...rested, draftSinceMs: state.draftSinceMs ?? now.passedMs }
  const hasStepped = stats.steps !== state.steps
  const hasMoved = hasStepped || layersDone !== state.layersDone
  const moves = state.moves + (hasMoved ? 1 : 0)
  if (stats.running === 0 && stats.waiting === 0) return { ...rested, draftSinceMs: null, moves }
  return {
    ...heard,
    draftSinceMs: null,
    moves,
    moved: hasMoved ? now : state.moved,
    progressed: hasMoved ? now : state.progressed,
    stepped: hasStepped ? now : state.stepped,
  }
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
  return { ...state, moved: momentOf(state.time) }
}

/** How long the current step has made no progress, in any rank of the group, in time that passed for the supervisor too. */
export function standsForMs({ time, moved }: WatchState): number {
  return time.countedMs - moved.passedMs
}

/** @returns the fault for which the worker must be ended; null while it is healthy */
export function tickWatch(
  state: WatchState,
  nowMs: number,
  hasWork: boolean,
  limits: WatchLimits,
): { state: WatchState; fault: WorkerFault | null } {
  const time = liveOn(state.time, Math.min(nowMs - state.tickedAtMs, LONGEST_TICK_MS))
  const { countedMs, livedMs } = time
  const mostCpuMs = spinLimitMs(state)
  // Other ranks wait for one that is given little time, unless it has used more than its step needs.
  const wasGivenLittle = time.isStarved && countedMs > state.time.countedMs && usedSince(time, state.progressed) <= mostCpuMs
  const next = { ...state, time, tickedAtMs: nowMs, moves: state.moves + (wasGivenLittle ? 1 : 0) }
  // A stopped process is silent for all of its lifetime; the time that it computed before it was stopped must not make it look starved.
  const silentMs = Math.max(countedMs - state.heard.passedMs, Math.min(stoodMs(time), livedMs - state.heard.livedMs))
  if (silentMs > limits.heartbeatSilenceMs) return { state: next, fault: { reason: 'silent', forMs: silentMs } }
  const draftMs = countedMs - (state.draftSinceMs ?? countedMs)
  if (draftMs > limits.draftMs) return { state: next, fault: { reason: 'stuck', forMs: draftMs } }
  if (!hasWork) return { state: next, fault: null }
  const stuckMs = standsForMs(next)
  const spunMs = usedSince(time, state.moved) > mostCpuMs ? livedMs - state.moved.livedMs : 0
  if (stuckMs > stepLimitMs(state, limits)) return { state: next, fault: { reason: 'stuck', forMs: stuckMs } }
  if (spunMs > limits.stepMs) return { state: next, fault: { reason: 'stuck', forMs: spunMs } }
  return { state: next, fault: null }
}

function stepLimitMs({ steps, slowest, stepTokens }: WatchState, { stepMs, firstStepMs }: WatchLimits): number {
  if (steps === 0) return firstStepMs
  const expected = expectedCost(slowest, stepTokens)
  // A worker that reports no step times at all gets the shorter limit.
  if (!expected) return stepMs
  const limitMs = SLOWEST_STEP_FACTOR * expected.durationMs
  return Math.max(stepMs, expected.isKnown ? limitMs : Math.min(firstStepMs, limitMs))
}

/** The processor time after which a worker without progress spins; infinite while its steps are not known. */
function spinLimitMs({ steps, slowest, stepTokens }: WatchState): number {
  const cpuMs = steps === 0 ? null : (expectedCost(slowest, stepTokens)?.cpuMs ?? null)
  return cpuMs === null ? Number.POSITIVE_INFINITY : Math.max(LEAST_SPIN_CPU_MS, COSTLIEST_STEP_FACTOR * cpuMs)
}
