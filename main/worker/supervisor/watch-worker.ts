import type { ShardStats } from '../../shared/shard.ts'

/** Times are of lived time: a supervisor that was itself held up does not count the pause against its worker. */
export interface WatchState {
  readonly livedMs: number
  readonly tickedAtMs: number
  readonly heardAtMs: number
  /** When the counted steps last grew or there was nothing to do. */
  readonly steppedAtMs: number
  readonly steps: number
  readonly slowestStepMs: number
}

export interface WatchLimits {
  readonly heartbeatSilenceMs: number
  readonly stepMs: number
  readonly firstStepMs: number
}

export type WorkerFault = { readonly reason: 'silent' | 'stuck'; readonly forMs: number }

/** A pause between ticks beyond this was the supervisor's own. */
const LONGEST_TICK_MS = 2_000
/** A step may take this many times the slowest one so far before the worker counts as stuck. */
const SLOWEST_STEP_FACTOR = 4

export function startWatch(nowMs: number): WatchState {
  return { livedMs: 0, tickedAtMs: nowMs, heardAtMs: 0, steppedAtMs: 0, steps: 0, slowestStepMs: 0 }
}

/** Any event proves that the process lives; a heartbeat also tells whether its engine moves. */
export function hearWorker(state: WatchState, stats: ShardStats | null): WatchState {
  const heard = { ...state, heardAtMs: state.livedMs }
  if (stats === null) return heard
  const isIdle = stats.running === 0 && stats.waiting === 0
  if (!isIdle && stats.steps === state.steps) return heard
  const stepMs = stats.steps > state.steps ? (state.livedMs - state.steppedAtMs) / (stats.steps - state.steps) : 0
  return { ...heard, steppedAtMs: state.livedMs, steps: stats.steps, slowestStepMs: Math.max(state.slowestStepMs, stepMs) }
}

/** The first work after an idle time: the clock of the next step starts here. */
export function queueWork(state: WatchState, wasIdle: boolean): WatchState {
  return wasIdle ? { ...state, steppedAtMs: state.livedMs } : state
}

/** @returns the fault for which the worker has to be ended, null while it is well */
export function tickWatch(state: WatchState, nowMs: number, hasWork: boolean, limits: WatchLimits): { state: WatchState; fault: WorkerFault | null } {
  const livedMs = state.livedMs + Math.min(nowMs - state.tickedAtMs, LONGEST_TICK_MS)
  const next = { ...state, livedMs, tickedAtMs: nowMs }
  const silentMs = livedMs - state.heardAtMs
  if (silentMs > limits.heartbeatSilenceMs) return { state: next, fault: { reason: 'silent', forMs: silentMs } }
  const stepLimitMs = state.steps === 0 ? limits.firstStepMs : Math.max(limits.stepMs, SLOWEST_STEP_FACTOR * state.slowestStepMs)
  const stuckMs = livedMs - state.steppedAtMs
  if (hasWork && stuckMs > stepLimitMs) return { state: next, fault: { reason: 'stuck', forMs: stuckMs } }
  return { state: next, fault: null }
}
