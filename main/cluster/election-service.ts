import { barClaims } from '../domain/election/bar-claims.ts'
import { type ElectionInput, type ElectionState, isLeading, leaderOf, startElection } from '../domain/election/election-state.ts'
import { roundOf } from '../domain/election/election-term.ts'
import { step } from '../domain/election/step.ts'
import type { Clock } from '../platform/clock.ts'
import type { NodeId } from '../shared/ids.ts'
import type { PeerMessage } from '../shared/wire/peer/peer-message.ts'
import type { KeptRound } from './round-file.ts'

const TICK_MS = 100
/** How many ticks a claim waits for its round to be stored before the node continues without the claim. */
const DISK_TICKS = 10
/** Ticks between a failed attempt to store a round and the next one. */
const RETRY_TICKS = 10

export interface ElectionDependencies {
  readonly nodeId: NodeId
  readonly clock: Pick<Clock, 'every'>
  /** The highest round that this node has seen, kept across restarts so that no term is ever claimed twice. */
  readonly rounds: KeptRound
  send(nodeId: NodeId, message: PeerMessage): boolean
  onLeader(leader: { readonly nodeId: NodeId; readonly term: number } | null): void
}

type OuterInput = Exclude<ElectionInput, { type: 'tick' }>

/**
 * Runs the pure election until `signal` aborts. A claim is made only once its round is stored, so a node whose disk fails follows others
 * and does not start a new term.
 */
export function runElection(
  { nodeId, clock, rounds, send, onLeader }: ElectionDependencies,
  signal: AbortSignal,
): (input: OuterInput) => void {
  let state: ElectionState = startElection(nodeId, rounds.kept)
  let { kept } = rounds
  let isKeeping = false
  let hasFailed = false
  /** Ticks until the waiting claim is abandoned, or until the next attempt to store. */
  let waitTicks = 0
  /** The input that led to a claim whose round is not stored yet. */
  let held: ElectionInput | null = null

  const keep = (round: number): void => {
    if (isKeeping || signal.aborted || round <= kept || (hasFailed && waitTicks > 0)) return
    isKeeping = true
    waitTicks = DISK_TICKS
    rounds.keep(round).then(
      () => {
        kept = round
        isKeeping = hasFailed = false
        const input = held
        held = null
        if (input !== null && !signal.aborted) handle(input)
      },
      () => {
        // The round file reports the failure itself.
        isKeeping = false
        hasFailed = true
        waitTicks = RETRY_TICKS
        held = null
      },
    )
  }
  const handle = (input: ElectionInput): void => {
    const next = step(state, input)
    const claimed = isLeading(next.state) ? roundOf(next.state.claim?.term ?? 0) : 0
    if (claimed <= kept) return adopt(next)
    keep(claimed)
    if (!hasFailed && waitTicks > 0) held = input
    else adopt(step(barClaims(state), input))
  }
  const adopt = ({ state: next, messages }: ReturnType<typeof step>): void => {
    const known = leaderOf(state)
    state = next
    keep(state.round)
    for (const { to, message } of messages) send(to, message)
    const leader = leaderOf(state)
    if (leader?.nodeId !== known?.nodeId || leader?.term !== known?.term) onLeader(leader)
  }
  const tick = (): void => {
    waitTicks = Math.max(0, waitTicks - 1)
    handle({ type: 'tick' })
  }
  clock.every(TICK_MS, tick, signal)
  return handle
}
