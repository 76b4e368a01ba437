/**
 * Election as a pure state machine: ticks, messages and links are the input; the next state and messages are the output.
 *
 * The number of nodes of a cluster is unknown, so there is no quorum, and every connected part must have a leader.
 * Leaders are kept apart not by votes but by terms.
 *
 * 1. A leader claims a term, a number that contains a hash of its id (`termOf`) and a round above all that it has seen.
 *    So no two leaders ever share a term, even in partitions, and every node orders any two claims alike (`outranks`).
 * 2. A leader sends beats, and each beat raises the claim's `beat`. Reports of it are passed on, with their age, to nodes
 *    that are further from the leader, so a component must be connected but not fully meshed. Only a newer beat counts
 *    as a sign of life: nodes that repeat a dead leader's claim to each other cannot keep it alive.
 * 3. A follower whose leader has been silent asks its peers, then gives the leader up and claims. Nodes with smaller ids
 *    go first, so usually only one claims. When the link to the leader closes, it waits only a moment for reports by others.
 * 4. The higher claim wins, but not at once: a follower reports the rival to its own leader and gives it `grace` ticks.
 *    A leader that is better than its rival claims a higher term and so stays the leader; otherwise it follows the rival.
 *    A leader is better if it has at least as many followers. So a single node that joins never takes over a cluster, and
 *    after a partition the larger side keeps its leader. A rival's followers count only as far as this node's own links
 *    do not contradict them; the claimed time in office does not count.
 * 5. A leader that learns, from nodes that have followed a lost leader, of a round above its own claims again, so that
 *    these nodes, which never return to a lower term, can follow it.
 * 6. A leader contests only after it has led for a while, and not again for a while. The leader of the highest claim never
 *    steps down for a lower one: two leaders cannot resign in favour of each other, and the last one to contest wins.
 * 7. No other node can exhaust the numbers that elections need: rounds far ahead are accepted little by little
 *    (`learnRound`), a term counts only for its own leader, and third nodes cannot advance a leader's beats far.
 *
 * The caller must call `tick` every 100 ms, keep `round` across restarts and store it before messages are sent, and pass
 * on the messages of each step. Messages may be reordered, lost, delayed or repeated.
 */
import type { NodeId } from '../../shared/ids.ts'
import type { ElectionMessage, LeaderClaim } from '../../shared/wire/peer/peer-message.ts'
import { MAX_ROUND } from '../../shared/wire/peer/election-numbers.ts'
import {
  type ElectionInput,
  type ElectionState,
  type ElectionStep,
  isLeading,
  type OutgoingElectionMessage,
  outranks,
  type PeerStatus,
  startOver,
} from './election-state.ts'
import { creditedFollowers, followersOf, forgive, genuine, learnRound, runsAhead } from './judge-words.ts'
import { roundOf, termOf } from './election-term.ts'

/** This many of the smallest ids go first, one tick apart. */
const STAND_BACK_LIMIT = 5

const UNHEARD: PeerStatus = { silentTicks: 0, leaderId: null, term: null, hops: null, isAsking: false }

export function step(state: ElectionState, input: ElectionInput): ElectionStep {
  switch (input.type) {
    case 'tick':
      return tick(state)
    case 'message':
      return input.from === state.nodeId ? { state, messages: [] } : receive(state, input.from, genuine(input.message))
    case 'peer-up': {
      const lostLeader = state.lostLeader?.nodeId === input.peerId ? null : state.lostLeader
      const next = { ...state, lostLeader, peers: { ...state.peers, [input.peerId]: state.peers[input.peerId] ?? UNHEARD } }
      return { state: next, messages: [tell(next, input.peerId)] }
    }
    case 'peer-down':
      return losePeer(state, input.peerId)
    case 'gone-over':
      return { state: startOver(state), messages: [] }
    default:
      return input satisfies never
  }
}

function tick(before: ElectionState): ElectionStep {
  const { timing } = before
  const peers = Object.fromEntries(
    Object.entries<PeerStatus>(before.peers).map(([peerId, peer]) => [peerId, { ...peer, silentTicks: peer.silentTicks + 1 }]),
  )
  const rival = before.rival && before.rival.ageTicks < timing.silence ? older(before.rival) : null
  const lostLeader = before.lostLeader && before.lostLeader.ticks > 0 ? { ...before.lostLeader, ticks: before.lostLeader.ticks - 1 } : null
  const state = {
    ...before,
    peers,
    rival,
    lostLeader,
    taken: forgive(before),
    ticks: before.ticks + 1,
    contestTicks: Math.max(0, before.contestTicks - 1),
  }
  if (isLeading(state)) return tickLeader(state)
  if (state.claim) return tickFollower(state, older(state.claim))
  return tickSeeker(state)
}

function tickLeader(before: ElectionState): ElectionStep {
  if (before.claim && before.round > roundOf(before.claim.term) && before.contestTicks === 0)
    return claimLeadership(before, before.claim.beat + 1)
  const claim = before.claim && { ...before.claim, beat: before.claim.beat + 1, followers: followersOf(before), ageTicks: 0 }
  const state = { ...before, claim }
  return { state, messages: claim && claim.beat % state.timing.beat === 0 ? tellAll(state) : [] }
}

function tickFollower(before: ElectionState, claim: LeaderClaim): ElectionStep {
  const { timing, rival } = before
  if (claim.ageTicks > timing.silence) return giveUpLeader(before)
  const isOutranked = rival !== null && outranks(rival, claim)
  const state = { ...before, claim, rivalTicks: isOutranked ? before.rivalTicks + 1 : 0 }
  if (isOutranked && state.rivalTicks > timing.grace) return follow(state, rival, null)
  const isAsking = claim.ageTicks >= timing.askAfter
  return { state, messages: isAsking || state.ticks % timing.status === 0 ? tellAll(state, isAsking) : [] }
}

function tickSeeker(before: ElectionState): ElectionStep {
  const state = { ...before, seekTicks: before.seekTicks - 1 }
  if (state.rival) return follow(state, state.rival, null)
  if (state.seekTicks > 0) return { state, messages: state.seekTicks % 2 === 0 ? tellAll(state, true) : [] }
  if (!state.hasStoodBack) {
    const goFirst = Object.entries<PeerStatus>(state.peers).filter(
      ([peerId, peer]) => peerId < state.nodeId && peer.silentTicks <= state.timing.silence,
    )
    const wait = Math.min(STAND_BACK_LIMIT, goFirst.length)
    if (wait > 0) return { state: { ...state, hasStoodBack: true, seekTicks: wait }, messages: tellAll(state, true) }
  }
  return claimLeadership(state, 0)
}

function receive(before: ElectionState, from: NodeId, message: ElectionMessage): ElectionStep {
  const peer: PeerStatus = {
    silentTicks: 0,
    leaderId: message.claim?.leaderId ?? null,
    term: message.claim?.term ?? null,
    hops: message.hops,
    isAsking: message.isAsking,
  }
  const known: ElectionState = { ...learnRound(before, from, message), peers: { ...before.peers, [from]: peer } }
  const leaderSteppedDown = known.claim?.leaderId === from && !isLeading(known) && message.claim?.leaderId !== from
  const first = leaderSteppedDown ? leaveLeader(known, message.claim) : { state: known, messages: [] }
  const second = message.claim
    ? consider(first.state, message.claim, from, message.hops === null ? null : message.hops + 1)
    : { state: first.state, messages: [] }
  const third = message.rival ? consider(second.state, message.rival, from, null) : { state: second.state, messages: [] }
  const { state } = third
  const messages = [...first.messages, ...second.messages, ...third.messages]
  const isNews = state.claim !== null && !messages.some(({ to }) => to === from) && isBehind(state.claim, message)
  return { state, messages: isNews ? [...messages, tell(state, from)] : messages }
}

/** Whether the sender would learn from an answer: it follows a lower claim, or asks and has heard an older beat. */
function isBehind(claim: LeaderClaim, message: ElectionMessage): boolean {
  const theirs = message.claim
  if (!theirs) return true
  if (theirs.term !== claim.term) return outranks(claim, theirs)
  return message.isAsking && theirs.beat < claim.beat
}

/** Evaluates a reported claim. */
function consider(state: ElectionState, told: LeaderClaim, from: NodeId, hops: number | null): ElectionStep {
  const nothing: ElectionStep = { state, messages: [] }
  const { claim, dead, timing } = state
  const heard = aged(state, told)
  const isStale = heard.ageTicks > timing.silence || (dead !== null && heard.term === dead.term && heard.beat <= dead.beat)
  if (isStale || heard.leaderId === state.nodeId || roundOf(heard.term) > state.round) return nothing
  if (!claim) return follow(state, heard, hops, from)
  if (claim.leaderId === heard.leaderId) return refresh(state, claim, heard, hops, from)
  if (!outranks(heard, claim)) return nothing
  if (isLeading(state)) return meetRival(state, claim, heard, hops, from)
  if (state.rival && (outranks(state.rival, heard) || !isNewer(heard, state.rival))) return nothing
  const isFirstTelling = state.rival?.term !== heard.term
  const next = { ...state, rival: heard }
  return { state: next, messages: isFirstTelling ? tellAll(next).filter(({ to }) => to !== from) : [] }
}

/**
 * A report ages as it is passed on; otherwise nodes could pass two dead claims back and forth forever. A report of a
 * leader whose link to this node has just closed counts as old, unless newer ones keep arriving by other routes.
 */
function aged(state: ElectionState, told: LeaderClaim): LeaderClaim {
  const { lostLeader, timing } = state
  const ageTicks = told.ageTicks + 1
  return { ...told, ageTicks: lostLeader?.nodeId === told.leaderId ? Math.max(ageTicks, timing.silence - timing.afterLinkLoss) : ageTicks }
}

/** Passes a newer beat of the leader on to nodes that hear it through this node. */
function refresh(state: ElectionState, claim: LeaderClaim, heard: LeaderClaim, hops: number | null, from: NodeId): ElectionStep {
  if (isNewer(heard, claim)) {
    if (runsAhead(state, claim, heard, from)) return { state, messages: [] }
    const next = { ...state, claim: heard, hops: hops ?? state.hops, highestTerm: Math.max(state.highestTerm, heard.term) }
    const isNewTerm = heard.term !== claim.term
    const needIt = ([peerId, peer]: [string, PeerStatus]): boolean =>
      peerId !== from &&
      peerId !== heard.leaderId &&
      (isNewTerm
        ? peer.term !== heard.term
        : peer.leaderId !== heard.leaderId || peer.isAsking || (peer.hops ?? Infinity) > (next.hops ?? 0))
    return {
      state: next,
      messages: Object.entries<PeerStatus>(state.peers)
        .filter(needIt)
        .map(([peerId]) => tell(next, peerId as NodeId)),
    }
  }
  if (heard.term !== claim.term || heard.beat !== claim.beat || hops === null) return { state, messages: [] }
  return { state: { ...state, hops: Math.min(hops, state.hops ?? hops) }, messages: [] }
}

/** A leader learns of a higher claim: it claims a higher term itself if it is better, and otherwise follows. */
function meetRival(state: ElectionState, claim: LeaderClaim, heard: LeaderClaim, hops: number | null, from: NodeId): ElectionStep {
  const mayContest = state.contestTicks === 0 && claim.beat >= state.timing.contest
  return mayContest && isBetter(state, heard) ? claimLeadership(state, claim.beat) : follow(state, heard, hops, from)
}

/** If nothing that this node can check distinguishes the two, it contests once; the last one to contest wins. */
function isBetter(leader: ElectionState, rival: LeaderClaim): boolean {
  return followersOf(leader) >= creditedFollowers(leader, rival)
}

/** @param beat - the tick at which the term continues; 0 for a new term */
function claimLeadership(before: ElectionState, beat: number): ElectionStep {
  const round = Math.min(MAX_ROUND, before.round + 1)
  const claim: LeaderClaim = {
    leaderId: before.nodeId,
    term: termOf(round, before.nodeId),
    beat,
    followers: followersOf(before),
    ageTicks: 0,
  }
  const state = {
    ...before,
    round,
    claim,
    hops: 0,
    rival: null,
    rivalTicks: 0,
    highestTerm: claim.term,
    contestTicks: before.timing.contest,
    hasStoodBack: false,
  }
  return { state, messages: tellAll(state) }
}

function follow(before: ElectionState, claim: LeaderClaim, hops: number | null, from: NodeId | null = null): ElectionStep {
  const rival = before.rival?.leaderId === claim.leaderId ? null : before.rival
  const { highestTerm } = before
  // A leader with a lower term than this node has followed learns of the higher round from this message, and claims again.
  const round = claim.term < highestTerm ? Math.min(MAX_ROUND, Math.max(before.round, roundOf(highestTerm) + 1)) : before.round
  const state = { ...before, claim, hops, round, highestTerm: Math.max(highestTerm, claim.term), rival, rivalTicks: 0, hasStoodBack: false }
  return { state, messages: tellAll(state).filter(({ to }) => to !== from) }
}

function giveUpLeader(before: ElectionState): ElectionStep {
  const dead = before.claim && { term: before.claim.term, beat: before.claim.beat }
  const state = { ...before, dead, claim: null, hops: null, rivalTicks: 0, seekTicks: 1, hasStoodBack: false }
  return state.rival ? follow(state, state.rival, null) : { state, messages: tellAll(state, true) }
}

/** The leader resigns. */
function leaveLeader(state: ElectionState, successor: LeaderClaim | null): ElectionStep {
  if (!state.claim || (successor && outranks(state.claim, successor))) return giveUpLeader(state)
  return {
    state: { ...state, claim: null, hops: null, dead: { term: state.claim.term, beat: state.claim.beat }, seekTicks: 1 },
    messages: [],
  }
}

function losePeer(before: ElectionState, peerId: NodeId): ElectionStep {
  const { [peerId]: lost, ...peers } = before.peers
  if (!lost) return { state: before, messages: [] }
  const state = { ...before, peers }
  if (state.claim?.leaderId !== peerId) return { state, messages: [] }
  const ageTicks = Math.max(state.claim.ageTicks, state.timing.silence - state.timing.afterLinkLoss)
  const waiting = { ...state, claim: { ...state.claim, ageTicks }, lostLeader: { nodeId: peerId, ticks: state.timing.silence } }
  return { state: waiting, messages: tellAll(waiting, true) }
}

function isNewer(heard: LeaderClaim, known: LeaderClaim): boolean {
  return heard.term !== known.term ? outranks(heard, known) : heard.beat > known.beat
}

function older(claim: LeaderClaim): LeaderClaim {
  return { ...claim, ageTicks: claim.ageTicks + 1 }
}

function tellAll(state: ElectionState, isAsking = false): OutgoingElectionMessage[] {
  return Object.keys(state.peers).map((peerId) => tell(state, peerId as NodeId, isAsking))
}

function tell(state: ElectionState, to: NodeId, isAsking = false): OutgoingElectionMessage {
  const { claim, rival, hops, round } = state
  return { to, message: { type: 'election', claim, rival, hops, round, isAsking } }
}
