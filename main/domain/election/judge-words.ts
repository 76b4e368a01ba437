import { ownValue } from '../../shared/own-value.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { ElectionMessage, LeaderClaim } from '../../shared/wire/peer/peer-message.ts'
import { type ElectionState, LEAP_RETURN, LEAP_ROUNDS, type PeerStatus } from './election-state.ts'
import { isTermOf, roundOf } from './election-term.ts'

/** How many beats the report of a third node may be ahead, for a leader that this node hears itself and for one that it does not. */
const AHEAD_TICKS = { heard: 20, unheard: 600 }

/** The message without claims to a term that cannot belong to its leader. */
export function genuine(message: ElectionMessage): ElectionMessage {
  const own = (claim: LeaderClaim | null): LeaderClaim | null => (claim && isTermOf(claim.term, claim.leaderId) ? claim : null)
  return { ...message, claim: own(message.claim), rival: own(message.rival) }
}

/** Learns the highest round in a message, up to what its sender may still raise. */
export function learnRound(state: ElectionState, from: NodeId, { round, claim, rival }: ElectionMessage): ElectionState {
  const told = Math.max(round, ...[claim, rival].map((heard) => (heard ? roundOf(heard.term) : 0)))
  const taken = ownValue(state.taken, from) ?? 0
  const rise = Math.min(Math.max(0, told - state.round), LEAP_ROUNDS - taken)
  return rise === 0 ? state : { ...state, round: state.round + rise, taken: { ...state.taken, [from]: taken + rise } }
}

/** `taken` at the next tick. */
export function forgive({ taken, ticks }: ElectionState): ElectionState['taken'] {
  if ((ticks + 1) % LEAP_RETURN.ticks !== 0) return taken
  const left = Object.entries<number>(taken).map(([peerId, rounds]) => [peerId, rounds - LEAP_RETURN.rounds] as const)
  return Object.fromEntries(left.filter(([, rounds]) => rounds > 0))
}

/** Whether a third node reports more beats of this node's leader than it can have sent. */
export function runsAhead(state: ElectionState, known: LeaderClaim, told: LeaderClaim, from: NodeId): boolean {
  if (from === told.leaderId) return false
  const leader = ownValue(state.peers, told.leaderId)
  const isHeard = leader !== undefined && leader.silentTicks <= state.timing.askAfter
  return told.beat > known.beat + 2 * known.ageTicks + (isHeard ? AHEAD_TICKS.heard : AHEAD_TICKS.unheard)
}

/** Nodes that report this one as their leader. */
export function followersOf(state: ElectionState): number {
  return Object.values<PeerStatus>(state.peers).filter((peer) => peer.leaderId === state.nodeId && isCurrent(state, peer)).length
}

/** The most followers that a rival can have: its own count, limited by this node's own peers that follow it or may do so. */
export function creditedFollowers(state: ElectionState, rival: LeaderClaim): number {
  const others = Object.entries<PeerStatus>(state.peers).filter(([peerId]) => peerId !== rival.leaderId)
  const possible = others.filter(([, peer]) => peer.leaderId === rival.leaderId || peer.leaderId === null || !isCurrent(state, peer))
  return Math.min(rival.followers, possible.length)
}

function isCurrent(state: ElectionState, peer: PeerStatus): boolean {
  return peer.silentTicks <= 3 * state.timing.status
}
