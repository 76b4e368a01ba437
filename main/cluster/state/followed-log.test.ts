import { expect, it } from 'vitest'
import { aNode } from '../../domain/cluster/__fixtures__/builders.ts'
import { MOST_STATE_LETTERS } from '../../domain/cluster/replication/state-size.ts'
import type { Log } from '../../platform/log/log.ts'
import { NodeId } from '../../shared/ids.ts'
import type { PeerMessage, PeerMessageOf } from '../../shared/wire/peer/peer-message.ts'
import { FollowedLog } from './followed-log.ts'

const leaderId = NodeId.parse('leader')
const base = { term: 0, index: 0 }
const LETTERS = 2 ** 19
const MOST_NODES = MOST_STATE_LETTERS / LETTERS - 1

function follow() {
  const errors: string[] = []
  const sent: PeerMessage['type'][] = []
  const log: Log = {
    trace() {},
    debug() {},
    info() {},
    warn() {},
    error: (message) => void errors.push(message),
    with: () => log,
  }
  const links = {
    send: (_: string, { type }: PeerMessage) => sent.push(type) > 0,
    broadcast: () => undefined,
    peers: () => [],
    wasSilent: () => false,
  }
  return { errors, sent, followed: new FollowedLog({ links, log, onChange: () => undefined }) }
}

function said(term: number, index: number, letters: number, name = `n${index}`): PeerMessageOf<'cluster-events'> {
  const node = aNode(name, { chip: 'c'.repeat(letters) })
  return { type: 'cluster-events', term, leaderId, base, headIndex: index, events: [{ term, index, event: { type: 'node-joined', node } }] }
}

it('A2: follows no leader that lets the state grow beyond what a message can carry, until there is another one', () => {
  const { errors, followed } = follow()
  for (let index = 1; index <= MOST_NODES + 10; index++) followed.receiveEvents(leaderId, said(5, index, LETTERS))
  expect(Object.keys(followed.state.nodes)).toHaveLength(MOST_NODES)
  expect(errors).toEqual([expect.stringContaining('grow too large')])
  const state = Object.fromEntries(['nodes', 'links', 'instances', 'storedModels'].map((part) => [part, {}]))
  const snapshot = { position: { term: 6, index: 1 }, state: { ...state, deletedInstances: [] } }
  followed.receiveSnapshot(leaderId, { type: 'cluster-snapshot', term: 6, leaderId, snapshot })
  expect([followed.state.nodes, errors.length]).toEqual([{}, 1])
})

it('keeps following where large events replace each other', () => {
  const { errors, followed } = follow()
  for (let index = 1; index <= 40; index++) followed.receiveEvents(leaderId, said(5, index, LETTERS - index, 'one'))
  expect([followed.standing().position.index, errors]).toEqual([40, []])
})

it('A2: large events that come before those that they follow are requested again and not kept', () => {
  const { sent, followed } = follow()
  for (let index = 2; index <= 20; index++) followed.receiveEvents(leaderId, said(5, index, LETTERS))
  expect(JSON.stringify(followed.standing()).length).toBeLessThan(LETTERS)
  expect(sent).toEqual(['events-request'])
  for (let index = 2; index <= 20; index++) followed.receiveEvents(leaderId, said(5, index, 10))
  followed.receiveEvents(leaderId, said(5, 1, 10))
  expect(followed.standing().position.index).toBe(20)
})
