import type { NodeId } from '../../../shared/ids.ts'
import type { ClusterEvent, LoggedEvent, LogPosition } from '../../../shared/wire/peer/cluster-event.ts'
import type { PeerMessageOf } from '../../../shared/wire/peer/peer-message.ts'
import { applyEvent } from './apply-event.ts'
import type { ClusterState } from '../cluster-state.ts'
import { type Snapshot, snapshotOf } from './snapshot.ts'

/** The number of events kept for followers that missed some. Followers that are further behind get a snapshot. */
export const LEADER_LOG_LIMIT = 1024

/** Maximum number of events in one answer, to keep messages small. */
const EVENTS_PER_MESSAGE = 128

/** The leader's side of the log, for one term. */
export interface LeaderLog {
  readonly term: number
  readonly leaderId: NodeId
  /** The position of this leader at the start of its term. A follower at the same position needs no snapshot. */
  readonly base: LogPosition
  readonly state: ClusterState
  /** The latest events of this term, without gaps. Their indices end at `headIndex`. */
  readonly events: readonly LoggedEvent[]
  readonly headIndex: number
}

/** A message of the leader: new events, the answer to a request, or, without events, only the head of its log. */
export type ClusterEvents = PeerMessageOf<'cluster-events'>

/** A follower's request to its leader. `afterIndex` null: a snapshot. */
export type EventsRequest = PeerMessageOf<'events-request'>

export type ClusterSnapshot = PeerMessageOf<'cluster-snapshot'> & { readonly snapshot: Snapshot }

/** A new leader continues from the state that it has followed, so that no loaded instance is lost with the old leader. */
export function startTerm(term: number, leaderId: NodeId, state: ClusterState, base: LogPosition): LeaderLog {
  return { term, leaderId, base, state, events: [], headIndex: base.index }
}

/**
 * Orders one more event. An event that changes nothing is not logged: `message` is then null.
 */
export function appendEvent(log: LeaderLog, event: ClusterEvent): { log: LeaderLog; message: ClusterEvents | null } {
  const state = applyEvent(log.state, event)
  if (state === log.state) return { log, message: null }
  const logged = { term: log.term, index: log.headIndex + 1, event }
  const next = { ...log, state, headIndex: logged.index, events: [...log.events, logged].slice(-LEADER_LOG_LIMIT) }
  return { log: next, message: eventsMessage(next, [logged]) }
}

/** Sent to all nodes periodically, so that a node that missed the last event learns of it. */
export function headMessage(log: LeaderLog): ClusterEvents {
  return eventsMessage(log, [])
}

/** The answer to a follower; null if the request is for another term. */
export function answerRequest(log: LeaderLog, request: EventsRequest): ClusterEvents | ClusterSnapshot | null {
  if (request.term !== log.term) return null
  const firstIndex = log.events[0]?.index ?? log.headIndex + 1
  if (request.afterIndex === null || request.afterIndex < firstIndex - 1 || request.afterIndex > log.headIndex) {
    const position = log.headIndex === log.base.index ? log.base : { term: log.term, index: log.headIndex }
    return { type: 'cluster-snapshot', term: log.term, leaderId: log.leaderId, snapshot: snapshotOf(log.state, position) }
  }
  const start = request.afterIndex + 1 - firstIndex
  return eventsMessage(log, log.events.slice(start, start + EVENTS_PER_MESSAGE))
}

function eventsMessage(log: LeaderLog, events: readonly LoggedEvent[]): ClusterEvents {
  const { term, leaderId, base, headIndex } = log
  return { type: 'cluster-events', term, leaderId, base, headIndex, events: [...events] }
}
