import type { NodeId } from '../../shared/ids.ts'
import type { ElectionMessage, LeaderClaim } from '../../shared/wire/peer/peer-message.ts'

/** All in ticks; the loop ticks every 100 ms. */
export interface ElectionTiming {
  /** Interval of a leader's beats. */
  readonly beat: number
  /** Interval of a follower's messages to each peer. */
  readonly status: number
  /** Silence of the leader after which its followers ask their peers. */
  readonly askAfter: number
  /** Silence after which a leader is given up. */
  readonly silence: number
  /** How long a starting node listens before it claims. */
  readonly listen: number
  /** How long a follower waits for its own leader to answer a rival with a higher term. */
  readonly grace: number
  /** A leader contests a rival only after leading for this long, and at most once in this time. */
  readonly contest: number
  /** The remaining `silence` once the link to the leader has closed. */
  readonly afterLinkLoss: number
}

const DEFAULT_TIMING: ElectionTiming = {
  beat: 2,
  status: 10,
  askAfter: 5,
  silence: 15,
  listen: 10,
  grace: 5,
  contest: 10,
  afterLinkLoss: 3,
}

/** The state of a linked node. */
export interface PeerStatus {
  readonly silentTicks: number
  readonly leaderId: NodeId | null
  readonly term: number | null
  readonly hops: number | null
  readonly isAsking: boolean
}

export interface ElectionState {
  readonly nodeId: NodeId
  readonly timing: ElectionTiming
  /** The highest round seen. A node must never claim the same round twice, so the caller keeps it across restarts. */
  readonly round: number
  /** Rounds that this node has recently accepted from each peer without further proof. */
  readonly taken: Readonly<Record<NodeId, number>>
  /** The highest term that this node has followed or led. Lower terms are ignored. */
  readonly highestTerm: number
  /** The leader that this node follows, possibly itself; null: it is looking for one. */
  readonly claim: LeaderClaim | null
  /** Number of links between the leader and this node; null: unknown. */
  readonly hops: number | null
  /** The highest other live claim. */
  readonly rival: LeaderClaim | null
  /** How long the rival has outranked the claim. */
  readonly rivalTicks: number
  /** The claim that was given up last. Older reports of it are ignored. */
  readonly dead: { readonly term: number; readonly beat: number } | null
  /** The leader whose link to this node has just closed. */
  readonly lostLeader: { readonly nodeId: NodeId; readonly ticks: number } | null
  /** Ticks until this node claims; counted only while it has no leader. */
  readonly seekTicks: number
  /** Whether this node has already let nodes with smaller ids go first in this search. */
  readonly hasStoodBack: boolean
  /** Ticks until this leader may contest a rival. */
  readonly contestTicks: number
  readonly ticks: number
  readonly peers: Readonly<Record<NodeId, PeerStatus>>
}

export type ElectionInput =
  | { readonly type: 'tick' }
  | { readonly type: 'message'; readonly from: NodeId; readonly message: ElectionMessage }
  /** A link has opened, in both directions. */
  | { readonly type: 'peer-up'; readonly peerId: NodeId }
  /** The link has closed. A peer that only falls silent needs no such input. */
  | { readonly type: 'peer-down'; readonly peerId: NodeId }
  /** This node has moved to another cluster, where it must look for a leader before it may lead. */
  | { readonly type: 'gone-over' }

export interface OutgoingElectionMessage {
  readonly to: NodeId
  readonly message: ElectionMessage
}

export interface ElectionStep {
  readonly state: ElectionState
  readonly messages: readonly OutgoingElectionMessage[]
}

/** More elections than a node can have missed. Rounds further ahead are accepted from a peer only little by little. */
export const LEAP_ROUNDS = 2 ** 18
/** How much of that allowance a peer regains, and after how many ticks. At this rate the rounds last for weeks. */
export const LEAP_RETURN = { rounds: 16, ticks: 10 }

/** @param round - the highest round that this node has ever known, kept across restarts */
export function startElection(nodeId: NodeId, round: number, timing: ElectionTiming = DEFAULT_TIMING): ElectionState {
  return {
    nodeId,
    timing,
    round,
    taken: {},
    highestTerm: 0,
    claim: null,
    hops: null,
    rival: null,
    rivalTicks: 0,
    dead: null,
    lostLeader: null,
    seekTicks: timing.listen,
    hasStoodBack: false,
    contestTicks: 0,
    ticks: 0,
    peers: {},
  }
}

/** The state of a node that looks for a leader again, as at its start, but with everything that it must remember. */
export function startOver({ nodeId, timing, round, taken, highestTerm, peers, ticks }: ElectionState): ElectionState {
  return { ...startElection(nodeId, round, timing), taken, highestTerm, peers, ticks }
}

/** The leader that a node follows, for the rest of the program. */
export function leaderOf(state: ElectionState): { readonly nodeId: NodeId; readonly term: number } | null {
  return state.claim && { nodeId: state.claim.leaderId, term: state.claim.term }
}

export function isLeading(state: ElectionState): boolean {
  return state.claim?.leaderId === state.nodeId
}

/** The order of claims, the same on every node. */
export function outranks(a: LeaderClaim, b: LeaderClaim): boolean {
  return a.term !== b.term ? a.term > b.term : a.leaderId > b.leaderId
}
