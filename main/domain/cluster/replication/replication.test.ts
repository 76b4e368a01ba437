import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../../shared/ids.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { PeerMessage } from '../../../shared/wire/peer/peer-message.ts'
import { aNode, aPlacement, after, created, joined } from '../__fixtures__/builders.ts'
import { EMPTY_CLUSTER } from '../cluster-state.ts'
import {
  EMPTY_REPLICA,
  type FollowerReplica,
  receiveEvents,
  receiveSnapshot,
  REQUEST_RETRY_TICKS,
  tickReplica,
} from './follower-replica.ts'
import {
  answerRequest,
  appendEvent,
  type ClusterEvents,
  type ClusterSnapshot,
  type EventsRequest,
  headMessage,
  LEADER_LOG_LIMIT,
  type LeaderLog,
  startTerm,
} from './leader-log.ts'

const leaderId = NodeId.parse('leader')
const START = { term: 0, index: 0 }

function logOf(
  term: number,
  events: readonly ClusterEvent[],
  base = START,
  state = EMPTY_CLUSTER,
): { log: LeaderLog; messages: ClusterEvents[] } {
  let log = startTerm(term, leaderId, state, base)
  const messages: ClusterEvents[] = []
  for (const event of events) {
    const step = appendEvent(log, event)
    log = step.log
    if (step.message) messages.push(step.message)
  }
  return { log, messages }
}

function renamed(count: number): ClusterEvent[] {
  return Array.from({ length: count }, (_, index) => ({ type: 'node-updated', node: aNode('a', { name: `a${index}` }) }))
}

/** Requests until nothing is missing; every message passes through its wire format. */
function catchUp(log: LeaderLog, replica: FollowerReplica, request: EventsRequest | null): FollowerReplica {
  for (let round = 0; request && round < 100; round++) {
    const answer: ClusterEvents | ClusterSnapshot = answerRequest(log, request)!
    const parsed = PeerMessage.parse(JSON.parse(JSON.stringify(answer)))
    if (parsed.type === 'cluster-events') ({ replica, request } = receiveEvents(replica, parsed))
    else if (parsed.type === 'cluster-snapshot') ({ replica, request } = receiveSnapshot(replica, parsed))
  }
  expect(request).toBe(null)
  return replica
}

describe('replication', () => {
  it('numbers events from where the term began', () => {
    const { log, messages } = logOf(7, joined('a', 'b'), { term: 3, index: 41 })
    expect(messages.map((message) => message.events.map(({ term, index }) => [term, index]))).toEqual([[[7, 42]], [[7, 43]]])
    expect(headMessage(log)).toEqual({ type: 'cluster-events', term: 7, leaderId, base: { term: 3, index: 41 }, headIndex: 43, events: [] })
  })

  it('does not log what changes nothing', () => {
    const { log } = logOf(1, joined('a'))
    expect(appendEvent(log, joined('a')[0]!)).toEqual({ log, message: null })
  })

  it('asks for the gap, keeps what came early, and applies both in order', () => {
    const { log, messages } = logOf(1, joined('a', 'b', 'c'))
    const late = receiveEvents(EMPTY_REPLICA, messages[2]!)
    expect(late.request).toEqual({ type: 'events-request', term: 1, afterIndex: 0 })
    expect(late.replica.state).toEqual(EMPTY_CLUSTER)
    expect(receiveEvents(late.replica, messages[2]!).request).toBe(null)
    const whole = receiveEvents(receiveEvents(late.replica, messages[0]!).replica, messages[1]!)
    expect(whole.replica).toEqual({ term: 1, state: log.state, position: { term: 1, index: 3 }, early: [], waiting: null })
  })

  it('repeats a request that stays unanswered', () => {
    const { log } = logOf(1, joined('a'))
    let { replica } = receiveEvents(EMPTY_REPLICA, headMessage(log))
    const requests = Array.from({ length: 2 * REQUEST_RETRY_TICKS }, () => {
      const step = tickReplica(replica)
      replica = step.replica
      return step.request
    })
    expect(requests.filter((request) => request !== null)).toEqual(Array(2).fill({ type: 'events-request', term: 1, afterIndex: 0 }))
  })

  it('sends a snapshot to followers that fell behind the bounded log', () => {
    const { log } = logOf(1, renamed(LEADER_LOG_LIMIT + 50))
    expect(log.events).toHaveLength(LEADER_LOG_LIMIT)
    expect(answerRequest(log, { type: 'events-request', term: 1, afterIndex: 49 })?.type).toBe('cluster-snapshot')
    expect(answerRequest(log, { type: 'events-request', term: 1, afterIndex: 50 })?.type).toBe('cluster-events')
    const replica = catchUp(log, EMPTY_REPLICA, receiveEvents(EMPTY_REPLICA, headMessage(log)).request)
    expect([replica.state, replica.position]).toEqual([log.state, { term: 1, index: LEADER_LOG_LIMIT + 50 }])
  })

  it('lets a new leader go on from the state that it had: nothing loaded is lost, and equal followers need no snapshot', () => {
    const first = logOf(1, [...joined('a', 'b'), created('x', aPlacement('a', 'b'))])
    const follower = catchUp(first.log, EMPTY_REPLICA, receiveEvents(EMPTY_REPLICA, headMessage(first.log)).request)
    const second = logOf(2, joined('c'), follower.position, follower.state)
    const { replica, request } = receiveEvents(follower, second.messages[0]!)
    expect(request).toBe(null)
    expect(replica.state).toEqual(after(...joined('a', 'b'), created('x', aPlacement('a', 'b')), ...joined('c')))
  })

  it('takes a snapshot when it stood elsewhere than the new leader', () => {
    const follower = { ...EMPTY_REPLICA, term: 1, position: { term: 1, index: 9 }, state: after(...joined('z')) }
    const { log } = logOf(2, joined('a'), { term: 1, index: 5 })
    const { replica, request } = receiveEvents(follower, headMessage(log))
    expect(request).toEqual({ type: 'events-request', term: 2, afterIndex: null })
    expect(catchUp(log, replica, request).state).toEqual(after(...joined('a')))
  })

  it('accepts only the newest term that it has seen', () => {
    const { replica } = receiveEvents(EMPTY_REPLICA, logOf(5, joined('a')).messages[0]!)
    expect(receiveEvents(replica, logOf(4, joined('b')).messages[0]!)).toEqual({ replica, request: null })
  })

  it('reaches the leader’s state even if messages are lost, repeated or reordered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.array(fc.nat({ max: 299 }), { maxLength: 60 }),
        fc.boolean(),
        (count, deliveries, restarts) => {
          const { log, messages } = logOf(3, renamed(count))
          let replica = EMPTY_REPLICA
          for (const delivery of deliveries) {
            const message = messages[delivery]
            if (message) replica = receiveEvents(replica, message).replica
            if (restarts && delivery === 7) replica = EMPTY_REPLICA
          }
          replica = { ...replica, waiting: null }
          const step = receiveEvents(replica, headMessage(log))
          const end = catchUp(log, step.replica, step.request)
          expect(end.state).toEqual(log.state)
          expect(end.early).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})
