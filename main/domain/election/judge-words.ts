import { ownValue } from '../../shared/own-value.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { ElectionMessage, LeaderClaim } from '../../shared/wire/peer-message.ts'
import { type ElectionState, LEAP_RETURN, LEAP_ROUNDS, type PeerStatus } from './election-state.ts'
import { isTermOf, roundOf } from './election-term.ts'

/** How far others' tellings of a leader may be ahead of its own: one that speaks to this node itself, and one that does not. */
const AHEAD_TICKS = { heard: 20, unheard: 600 }

/** The message without claims to a term that cannot be its leader's. */
export function genuine(message: ElectionMessage): ElectionMessage {
  const own = (claim: LeaderClaim | null): LeaderClaim | null => (claim && isTermOf(claim.term, claim.leaderId) ? claim : null)
  return { ...message, claim: own(message.claim), rival: own(message.rival) }
}

/** The highest round that a message tells of, believed as far as its sender's words still go. */
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

/** Whether somebody else tells of beats of this node's leader that there can hardly have been yet. */
export function runsAhead(state: ElectionState, known: LeaderClaim, told: LeaderClaim, from: NodeId): boolean {
  if (from === told.leaderId) return false
  const leader = ownValue(state.peers, told.leaderId)
  const isHeard = leader !== undefined && leader.silentTicks <= state.timing.askAfter
  return told.beat > known.beat + 2 * known.ageTicks + (isHeard ? AHEAD_TICKS.heard : AHEAD_TICKS.unheard)
}

/** Nodes that follow this one, by their own word. */
export function followersOf(state: ElectionState): number {
  return Object.values<PeerStatus>(state.peers).filter((peer) => peer.leaderId === state.nodeId && isCurrent(state, peer)).length
}

/** Followers that a rival has at most: of its own count as many as this node's other peers follow it, or may. */
export function creditedFollowers(state: ElectionState, rival: LeaderClaim): number {
  const others = Object.entries<PeerStatus>(state.peers).filter(([peerId]) => peerId !== rival.leaderId)
  const possible = others.filter(([, peer]) => peer.leaderId === rival.leaderId || peer.leaderId === null || !isCurrent(state, peer))
  return Math.min(rival.followers, possible.length)
}

function isCurrent(state: ElectionState, peer: PeerStatus): boolean {
  return peer.silentTicks <= 3 * state.timing.status
}
