import { type ElectionInput, type ElectionState, leaderOf, startElection } from '../domain/election/election-state.ts'
import { step } from '../domain/election/step.ts'
import type { Clock } from '../platform/clock.ts'
import type { NodeId } from '../shared/ids.ts'
import type { PeerMessage } from '../shared/wire/peer-message.ts'

const TICK_MS = 100

export interface ElectionDependencies {
  readonly nodeId: NodeId
  readonly clock: Pick<Clock, 'every'>
  /** The highest round that this node has known, kept across restarts: no term is ever claimed twice. */
  readonly rounds: { read(): number; write(round: number): void }
  send(nodeId: NodeId, message: PeerMessage): boolean
  onLeader(leader: { readonly nodeId: NodeId; readonly term: number } | null): void
}

/** Runs the pure election until `signal` aborts: one input in, the round stored, then messages out. */
export function runElection(dependencies: ElectionDependencies, signal: AbortSignal): (input: Exclude<ElectionInput, { type: 'tick' }>) => void {
  let state: ElectionState = startElection(dependencies.nodeId, dependencies.rounds.read())
  const handle = (input: ElectionInput): void => {
    const before = state
    const next = step(state, input)
    state = next.state
    if (state.round !== before.round) dependencies.rounds.write(state.round)
    for (const { to, message } of next.messages) dependencies.send(to, message)
    const leader = leaderOf(state)
    const known = leaderOf(before)
    if (leader?.nodeId !== known?.nodeId || leader?.term !== known?.term) dependencies.onLeader(leader)
  }
  dependencies.clock.every(TICK_MS, () => handle({ type: 'tick' }), signal)
  return handle
}
