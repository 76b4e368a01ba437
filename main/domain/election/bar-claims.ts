import type { ElectionState } from './election-state.ts'

/** The same state for a node that may not claim in the next step: a seeker asks on, and a leader gives way to a better claim. */
export function barClaims(state: ElectionState): ElectionState {
  // Two, as a tick takes one off before it is looked at.
  return { ...state, contestTicks: Math.max(state.contestTicks, 2), seekTicks: state.claim === null ? Math.max(state.seekTicks, 2) : state.seekTicks }
}
