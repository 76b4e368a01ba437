import type { ElectionState } from './election-state.ts'

/**
 * The state for a node that must not claim in the next step: a node without a leader keeps asking, and a leader yields
 * to a better claim.
 */
export function barClaims(state: ElectionState): ElectionState {
  // Two, because a tick subtracts one before the count is checked.
  return {
    ...state,
    contestTicks: Math.max(state.contestTicks, 2),
    seekTicks: state.claim === null ? Math.max(state.seekTicks, 2) : state.seekTicks,
  }
}
