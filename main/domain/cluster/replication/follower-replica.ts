import type { LoggedEvent, LogPosition } from '../../../shared/wire/peer/cluster-event.ts'
import type { PeerMessageOf } from '../../../shared/wire/peer/peer-message.ts'
import { applyEvent } from './apply-event.ts'
import { type ClusterState, EMPTY_CLUSTER } from '../cluster-state.ts'
import type { ClusterEvents, EventsRequest } from './leader-log.ts'
import { restoreSnapshot } from './snapshot.ts'

/** The number of early events that may wait until a gap is filled. */
const EARLY_EVENTS_LIMIT = 256

/** Ticks after which an unanswered request is repeated. */
export const REQUEST_RETRY_TICKS = 5

/** The follower's side of the log. */
export interface FollowerReplica {
  /** The highest term that this node has followed. Events of lower terms are ignored. */
  readonly term: number
  readonly state: ClusterState
  readonly position: LogPosition
  /** Sorted by index, all after `position.index + 1`. */
  readonly early: readonly LoggedEvent[]
  /** The unanswered request and the number of ticks since it was sent. */
  readonly waiting: { readonly request: EventsRequest; readonly ticks: number } | null
}

export const EMPTY_REPLICA: FollowerReplica = { term: 0, state: EMPTY_CLUSTER, position: { term: 0, index: 0 }, early: [], waiting: null }

export interface ReplicaStep {
  readonly replica: FollowerReplica
  /** A request to the leader of `replica.term`. */
  readonly request: EventsRequest | null
}

/** Accepts events of the leader in any order, with gaps and repetitions, and requests missing ones. */
export function receiveEvents(replica: FollowerReplica, message: ClusterEvents): ReplicaStep {
  if (message.term < replica.term) return { replica, request: null }
  const { term, base } = message
  let { state, position } = replica
  const early = (term === replica.term ? replica.early : []).filter((event) => event.index > position.index)
  const waiting = term === replica.term ? replica.waiting : null
  const followsOn = position.term === term || (position.term === base.term && position.index === base.index)
  if (!followsOn) return ask({ term, state, position, early: [], waiting }, null)

  const known = new Map([...early, ...message.events.filter((event) => event.term === term)].map((event) => [event.index, event]))
  for (let next = known.get(position.index + 1); next; next = known.get(position.index + 1)) {
    state = applyEvent(state, next.event)
    position = { term, index: next.index }
  }
  const stillEarly = [...known.values()].filter((event) => event.index > position.index).sort((a, b) => a.index - b.index)
  const next = { term, state, position, early: stillEarly.slice(0, EARLY_EVENTS_LIMIT), waiting }
  return position.index < message.headIndex ? ask(next, position.index) : { replica: { ...next, waiting: null }, request: null }
}

/**
 * A snapshot replaces the state, unless this node has already advanced further in the same term.
 *
 * @throws ZodError if the peer sent anything other than a snapshot
 */
export function receiveSnapshot(replica: FollowerReplica, message: PeerMessageOf<'cluster-snapshot'>): ReplicaStep {
  if (message.term < replica.term) return { replica, request: null }
  const { position, state } = restoreSnapshot(message.snapshot)
  const isFurther = replica.position.term === message.term && replica.position.index >= position.index
  if (isFurther) return { replica: { ...replica, term: message.term, waiting: null }, request: null }
  return { replica: { term: message.term, state, position, early: [], waiting: null }, request: null }
}

/** Repeats an unanswered request. */
export function tickReplica(replica: FollowerReplica): ReplicaStep {
  if (!replica.waiting) return { replica, request: null }
  const ticks = replica.waiting.ticks + 1
  if (ticks < REQUEST_RETRY_TICKS) return { replica: { ...replica, waiting: { ...replica.waiting, ticks } }, request: null }
  return { replica: { ...replica, waiting: { ...replica.waiting, ticks: 0 } }, request: replica.waiting.request }
}

/** One request at a time; a different request replaces it. */
function ask(replica: FollowerReplica, afterIndex: number | null): ReplicaStep {
  const { waiting, term } = replica
  if (waiting && waiting.request.term === term && waiting.request.afterIndex === afterIndex) return { replica, request: null }
  const request: EventsRequest = { type: 'events-request', term, afterIndex }
  return { replica: { ...replica, waiting: { request, ticks: 0 } }, request }
}
