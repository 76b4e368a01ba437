import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import {
  aCard,
  aNode,
  aPlacement,
  after,
  aRequest,
  becameReady,
  cable,
  created,
  ethernet,
  GB,
  joined,
} from '../cluster/__fixtures__/builders.ts'
import { applyEvent } from '../cluster/replication/apply-event.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { placeInstance } from '../placement/place-instance.ts'
import { type LeaderFacts, manageInstances, MAX_ATTEMPTS } from './manage-instances.ts'
import { failedForMs, type FailureLog, trackFailures } from './track-failures.ts'

const x = InstanceId.parse('x')
const instanceOf = (state: ClusterState): InstanceState => state.instances[x] as InstanceState

function freeOn(bytes: Record<string, number>, changes: Partial<LeaderFacts> = {}): LeaderFacts {
  return { availableBytes: bytes, unlinked: new Set(), ...changes }
}

const left = (name: string): ClusterEvent => ({ type: 'node-left', nodeId: NodeId.parse(name), reason: 'silent' })

function shard(rank: number, status: 'failed' | 'loading', epoch: number, code: string | null = null): ClusterEvent {
  return {
    type: 'shard-status',
    instanceId: x,
    epoch,
    rank,
    status,
    port: null,
    residentBytes: 0,
    code,
    message: code && `because of ${code}`,
  }
}

/** A ready model of 8 GB on a ring of those nodes. */
function running(...names: string[]): ClusterState {
  const links = names
    .flatMap((a, index) => names.slice(index + 1).flatMap((b) => ethernet(a, b)))
    .map((link): ClusterEvent => ({ type: 'link-observed', link }))
  return after(...joined(...names), ...links, created('x', aPlacement(...names.slice(0, 2))), ...becameReady('x', 1, 2))
}

/** Applies the rules until they give no more events. */
function settle(state: ClusterState, facts: LeaderFacts): ClusterState {
  for (let round = 0; round < 10; round++) {
    const events = manageInstances(state, facts)
    if (events.length === 0) return state
    state = events.reduce(applyEvent, state)
  }
  throw new Error('the rules do not settle')
}

describe('manageInstances', () => {
  it('says that an instance answers once all its shards are ready', () => {
    const loading = after(...joined('a', 'b'), created('x', aPlacement('a', 'b')), ...becameReady('x', 1, 2).slice(0, 1))
    expect(manageInstances(loading, freeOn({}))).toEqual([])
    const [, last] = becameReady('x', 1, 2)
    expect(manageInstances(applyEvent(loading, last!), freeOn({}))).toEqual([
      { type: 'instance-status', instanceId: 'x', epoch: 1, status: 'ready', reasons: [] },
    ])
  })

  it('leaves alone what answers and what loads', () => {
    expect(manageInstances(running('a', 'b'), freeOn({ a: 6 * GB, b: 6 * GB }))).toEqual([])
    expect(
      manageInstances(applyEvent(after(...joined('a', 'b'), created('x', aPlacement('a', 'b'))), shard(0, 'loading', 1)), freeOn({})),
    ).toEqual([])
  })

  it('places an instance on the remaining nodes when a node leaves, in a new epoch', () => {
    const state = applyEvent(running('a', 'b', 'c'), left('b'))
    const recovering = instanceOf(settle(state, freeOn({ a: 6 * GB, c: 6 * GB })))
    expect(recovering).toMatchObject({ epoch: 2, status: 'recovering', attempt: 1, reasons: [expect.stringMatching(/^a machine left/)] })
    expect(recovering.placement.shards.map(({ nodeId }) => nodeId).sort()).toEqual(['a', 'c'])
    expect(recovering.shards.map(({ status }) => status)).toEqual(['waiting', 'waiting'])
  })

  it('leaves the nodes whose network loses packets, unless too few others are there', () => {
    const failed = [shard(0, 'failed', 1, 'group-failed'), shard(1, 'failed', 1, 'group-failed')].reduce(
      applyEvent,
      running('a', 'b', 'c', 'd'),
    )
    const ranksWith = (lossy: readonly string[], bytes: number): string[] => {
      const free = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, name === 'a' || name === 'b' ? 12 * GB : bytes]))
      const facts = freeOn(free, { lossy: new Set(lossy.map((name) => NodeId.parse(name))) })
      const { shards } = instanceOf(settle(failed, facts)).placement
      return shards.map(({ nodeId }) => nodeId as string).sort()
    }
    expect(ranksWith(['b'], 6 * GB)).not.toContain('b')
    expect(ranksWith(['a', 'b'], 6 * GB)).toEqual(['c', 'd'])
    expect(ranksWith(['a', 'b'], GB)).toEqual(['a'])
  })

  it('leaves a machine whose network loses packets while its group forms again, once, and does not begin a first load anew', () => {
    const free = { a: 12 * GB, b: 12 * GB, c: 6 * GB, d: 6 * GB }
    const facts = (...lossy: string[]): LeaderFacts =>
      freeOn(free, { lossy: new Set(lossy.map((name) => NodeId.parse(name))), troubledForMs: { x: 8_000 } as never })
    const recovering = applyEvent(running('a', 'b', 'c', 'd'), {
      type: 'instance-replaced',
      instanceId: InstanceId.parse('x'),
      epoch: 2,
      placement: aPlacement('a', 'b'),
      attempt: 1,
      reasons: [],
    })
    expect(manageInstances(recovering, { ...facts('b'), troubledForMs: { x: 7_999 } as never })).toEqual([])
    const [event] = manageInstances(recovering, facts('b'))
    expect(event).toMatchObject({ type: 'instance-replaced', attempt: 2, reasons: ['the network of b loses packets'] })
    const moved = applyEvent(recovering, event!)
    expect(instanceOf(moved).placement.shards.map(({ nodeId }) => nodeId as string)).not.toContain('b')
    expect(manageInstances(moved, facts('b'))).toEqual([])
    expect(manageInstances(recovering, facts('a', 'b', 'c', 'd'))).toEqual([])
    const loading = after(...joined('a', 'b', 'c', 'd'), created('x', aPlacement('a', 'b')))
    expect(manageInstances(loading, facts('b'))).toEqual([])
  })

  it('counts what the dead instance held on the nodes that are left as free', () => {
    const state = applyEvent(running('a', 'b'), left('b'))
    // 1 GB of the 9.5 GB is still used by the worker that is ending.
    expect(instanceOf(settle(state, freeOn({ a: 8.5 * GB }))).status).toBe('recovering')
    expect(instanceOf(settle(state, freeOn({ a: 7 * GB })))).toMatchObject({
      status: 'failed',
      epoch: 1,
      reasons: [expect.any(String), expect.stringMatching(/Not enough memory.*more are needed/)],
    })
  })

  it('hears every node before it says that nothing fits', () => {
    const state = applyEvent(running('a', 'b', 'c'), left('b'))
    expect(manageInstances(state, freeOn({ a: 6 * GB }))).toEqual([])
    expect(instanceOf(settle(state, freeOn({ a: 6 * GB, c: GB }))).status).toBe('failed')
  })

  it('never gives an epoch that another part of the cluster has used', () => {
    const adopted: ClusterEvent = { type: 'instance-adopted', ...instanceOf(running('a', 'b')), lastEpoch: 7 }
    const state = [adopted, left('b')].reduce(applyEvent, running('a', 'b', 'c'))
    expect(instanceOf(settle(state, freeOn({ a: 6 * GB, c: 6 * GB })))).toMatchObject({ epoch: 8, status: 'recovering' })
  })

  it('waits to hear which node has gone before it blames a worker', () => {
    const state = applyEvent(running('a', 'b', 'c'), shard(0, 'failed', 1, 'worker-died'))
    const facts = freeOn({ a: 6 * GB, b: 6 * GB, c: 6 * GB })
    expect(manageInstances(state, { ...facts, unlinked: new Set([NodeId.parse('b')]) })).toEqual([])
    expect(instanceOf(settle(state, facts))).toMatchObject({ epoch: 2, status: 'recovering', reasons: ['rank 0: because of worker-died'] })
  })

  it('tries again later and later, and gives up after five placements', () => {
    let state = running('a', 'b')
    let failures: FailureLog = new Map()
    const triedAtMs: number[] = []
    for (let nowMs = 0; nowMs < 60_000; nowMs += 100) {
      const { epoch, shards } = instanceOf(state)
      if (shards[0]?.status !== 'failed') state = applyEvent(state, shard(0, 'failed', epoch, 'worker-died'))
      failures = trackFailures(state, failures, nowMs)
      state = manageInstances(state, freeOn({ a: 6 * GB, b: 6 * GB }, { failedForMs: failedForMs(failures, nowMs) })).reduce(
        applyEvent,
        state,
      )
      if (instanceOf(state).epoch !== epoch) triedAtMs.push(nowMs)
    }
    const waitsMs = triedAtMs.map((atMs, index) => atMs - (triedAtMs[index - 1] ?? 0))
    // Each failure is noticed one round after the placement.
    expect(waitsMs).toEqual([0, 600, 1100, 2100, 4100])
    expect(instanceOf(state)).toMatchObject({
      status: 'failed',
      attempt: MAX_ATTEMPTS,
      reasons: expect.arrayContaining(['Gave up after 5 attempts.']),
    })
  })

  it('forgets failures once the instance answers', () => {
    const failed = applyEvent(running('a', 'b'), shard(0, 'failed', 1, 'worker-died'))
    const recovering = settle(failed, freeOn({ a: 6 * GB, b: 6 * GB }))
    const answering = settle(becameReady('x', 2, 2).slice(0, 2).reduce(applyEvent, recovering), freeOn({}))
    expect(instanceOf(answering)).toMatchObject({ status: 'ready', attempt: 0 })
  })

  it.each(['model-damaged', 'hub-gated', 'hub-token-refused', 'hub-offline', 'download-damaged'])(
    'does not try again what fails wherever it is, such as %s',
    (code) => {
      const failed = settle(applyEvent(running('a', 'b'), shard(1, 'failed', 1, code)), freeOn({ a: 60 * GB, b: 60 * GB }))
      expect(instanceOf(failed)).toMatchObject({ status: 'failed', epoch: 1, reasons: [`rank 1: because of ${code}`] })
    },
  )

  it('starts the same placement over TCP when JACCL does not start, and says so', () => {
    const card = aCard({ strategies: ['pipeline'] })
    const links = [...cable('a', 'en2', 'b', 'en3'), ...ethernet('a', 'b')].map((link): ClusterEvent => ({ type: 'link-observed', link }))
    const nodes = after(...joined('a', 'b'), ...links)
    const free = { a: 6 * GB, b: 6 * GB } as LeaderFacts['availableBytes']
    const placement = placeInstance(card, clusterTopology(nodes, free), aRequest())
    expect(placement.backend).toBe('jaccl')
    const failed = [created('x', placement, { card }), shard(1, 'failed', 1, 'group-timeout')].reduce(applyEvent, nodes)
    const recovering = instanceOf(settle(failed, freeOn(free)))
    expect(recovering.placement).toEqual({
      ...placement,
      backend: 'ring',
      rdmaMatrix: null,
      addressMatrix: [
        [null, '10.0.0.b'],
        ['10.0.0.a', null],
      ],
      fallbacks: [{ from: 'JACCL mesh', to: 'TCP ring', reason: 'rank 1: because of group-timeout' }],
    })
  })

  it('starts all over when one rank of an answering group did', () => {
    const state = applyEvent(running('a', 'b'), shard(1, 'loading', 1))
    expect(instanceOf(settle(state, freeOn({ a: 6 * GB, b: 6 * GB })))).toMatchObject({
      epoch: 2,
      status: 'recovering',
      reasons: ['rank 1 restarted'],
    })
  })

  it('brings an instance that is to stay back when enough memory is free again, and no other', () => {
    for (const pinned of [true, false]) {
      const links = ethernet('a', 'b').map((link): ClusterEvent => ({ type: 'link-observed', link }))
      const answering = after(...joined('a', 'b'), created('x', aPlacement('a', 'b'), { pinned }), ...becameReady('x', 1, 2))
      const failed = settle(applyEvent(answering, left('b')), freeOn({ a: 6 * GB }))
      expect(instanceOf(failed).status).toBe('failed')
      const back = settle([...joined('b'), ...links].reduce(applyEvent, failed), freeOn({ a: 6 * GB, b: 6 * GB }))
      expect(instanceOf(back)).toMatchObject(pinned ? { status: 'recovering', epoch: 2 } : { status: 'failed', epoch: 1 })
    }
  })

  it('keeps to the node count that was asked for, as far as nodes are left', () => {
    const card = aCard({ weightBytes: GB })
    const nodes = after(
      ...joined('a', 'b', 'c'),
      ...['ab', 'bc', 'ac'].flatMap((pair) => ethernet(pair[0]!, pair[1]!)).map((link): ClusterEvent => ({ type: 'link-observed', link })),
    )
    const state = [created('x', aPlacement('a', 'b', 'c'), { card, request: aRequest({ minNodes: 3 }) }), left('c')].reduce(
      applyEvent,
      nodes,
    )
    expect(instanceOf(settle(state, freeOn({ a: 60 * GB, b: 60 * GB }))).placement.shards).toHaveLength(2)
  })

  it('respects what a node gives at most', () => {
    const capped = { type: 'node-updated' as const, node: aNode('a', { maxMemoryBytes: 4 * GB }) }
    const state = [capped, left('b')].reduce(applyEvent, running('a', 'b'))
    expect(instanceOf(settle(state, freeOn({ a: 60 * GB }))).status).toBe('failed')
  })
})
