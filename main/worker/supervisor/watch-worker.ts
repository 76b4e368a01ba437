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
  /** Since when the engine loads a draft; null: it does not. */
  readonly draftSinceMs: number | null
}

export interface WatchLimits {
  readonly heartbeatSilenceMs: number
  readonly stepMs: number
  readonly firstStepMs: number
  readonly draftMs: number
}

export interface Heartbeat {
  readonly stats: ShardStats
  readonly loadsDraft: boolean
}

export type WorkerFault = { readonly reason: 'silent' | 'stuck'; readonly forMs: number }

/** A pause between ticks beyond this was the supervisor's own. */
const LONGEST_TICK_MS = 2_000
/** A step may take this many times the slowest one so far before the worker counts as stuck. */
const SLOWEST_STEP_FACTOR = 4

export function startWatch(nowMs: number): WatchState {
  return { livedMs: 0, tickedAtMs: nowMs, heardAtMs: 0, steppedAtMs: 0, steps: 0, slowestStepMs: 0, draftSinceMs: null }
}

/** Any event proves that the process lives; a heartbeat also tells whether its engine moves. */
export function hearWorker(state: WatchState, heartbeat: Heartbeat | null): WatchState {
  const alive = { ...state, heardAtMs: state.livedMs }
  if (heartbeat === null) return alive
  const { stats, loadsDraft } = heartbeat
  // No step can come meanwhile: the clock of the next one starts when the draft is there.
  if (loadsDraft) return { ...alive, steppedAtMs: state.livedMs, steps: stats.steps, draftSinceMs: state.draftSinceMs ?? state.livedMs }
  const heard = { ...alive, draftSinceMs: null }
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
  const draftMs = livedMs - (state.draftSinceMs ?? livedMs)
  if (draftMs > limits.draftMs) return { state: next, fault: { reason: 'stuck', forMs: draftMs } }
  if (hasWork && stuckMs > stepLimitMs) return { state: next, fault: { reason: 'stuck', forMs: stuckMs } }
  return { state: next, fault: null }
}
