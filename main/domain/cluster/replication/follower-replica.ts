import type { LoggedEvent, LogPosition } from '../../../shared/wire/peer/cluster-event.ts'
import type { PeerMessageOf } from '../../../shared/wire/peer/peer-message.ts'
import { applyEvent } from './apply-event.ts'
import { type ClusterState, EMPTY_CLUSTER } from '../cluster-state.ts'
import type { ClusterEvents, EventsRequest } from './leader-log.ts'
import { restoreSnapshot } from './snapshot.ts'

/** Events that came too early and wait for the gap before them. */
const EARLY_EVENTS_LIMIT = 256

/** Ticks before a request that stayed unanswered is sent again. */
export const REQUEST_RETRY_TICKS = 5

/** The follower's side of the log. */
export interface FollowerReplica {
  /** The newest term that this node has followed. Events of older terms are ignored. */
  readonly term: number
  readonly state: ClusterState
  readonly position: LogPosition
  /** Sorted by index, all after `position.index + 1`. */
  readonly early: readonly LoggedEvent[]
  /** The request that waits for its answer, and for how many ticks. */
  readonly waiting: { readonly request: EventsRequest; readonly ticks: number } | null
}

export const EMPTY_REPLICA: FollowerReplica = { term: 0, state: EMPTY_CLUSTER, position: { term: 0, index: 0 }, early: [], waiting: null }

export interface ReplicaStep {
  readonly replica: FollowerReplica
  /** A request to the leader of `replica.term`. */
  readonly request: EventsRequest | null
}

/** Takes events of the leader in any order, with gaps and repeats, and asks for what is missing. */
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
 * A snapshot replaces the state, unless this node has come further in the same term meanwhile.
 *
 * @throws ZodError when the peer sent something else than a snapshot
 */
export function receiveSnapshot(replica: FollowerReplica, message: PeerMessageOf<'cluster-snapshot'>): ReplicaStep {
  if (message.term < replica.term) return { replica, request: null }
  const { position, state } = restoreSnapshot(message.snapshot)
  const isFurther = replica.position.term === message.term && replica.position.index >= position.index
  if (isFurther) return { replica: { ...replica, term: message.term, waiting: null }, request: null }
  return { replica: { term: message.term, state, position, early: [], waiting: null }, request: null }
}

/** Repeats a request whose answer did not come. */
export function tickReplica(replica: FollowerReplica): ReplicaStep {
  if (!replica.waiting) return { replica, request: null }
  const ticks = replica.waiting.ticks + 1
  if (ticks < REQUEST_RETRY_TICKS) return { replica: { ...replica, waiting: { ...replica.waiting, ticks } }, request: null }
  return { replica: { ...replica, waiting: { ...replica.waiting, ticks: 0 } }, request: replica.waiting.request }
}

/** One request at a time; one that asks for something else replaces it. */
function ask(replica: FollowerReplica, afterIndex: number | null): ReplicaStep {
  const { waiting, term } = replica
  if (waiting && waiting.request.term === term && waiting.request.afterIndex === afterIndex) return { replica, request: null }
  const request: EventsRequest = { type: 'events-request', term, afterIndex }
  return { replica: { ...replica, waiting: { request, ticks: 0 } }, request }
}
