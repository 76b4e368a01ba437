import { describe, expect, it } from 'vitest'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import { aCard, after, aPlacement, created, ethernet, GB, joined } from '../cluster/__fixtures__/builders.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { applyEvent } from '../cluster/replication/apply-event.ts'
import { manageInstances } from './manage-instances.ts'
import { FETCH_STALL_MS, LOAD_STALL_MS, NO_LOADS, stalledLoads, trackLoads } from './track-loads.ts'

const x = InstanceId.parse('x')
const [a, b] = [NodeId.parse('1'), NodeId.parse('2')]
type Status = 'waiting' | 'fetching' | 'connecting' | 'loading' | 'ready'

const reported = (rank: number, status: Status, epoch = 1): ClusterEvent => ({
  type: 'shard-status',
  instanceId: x,
  epoch,
  rank,
  status,
  port: null,
  residentBytes: 0,
  code: null,
  message: null,
})

/** A model placed on some of three nodes, of which the first one leads. */
function placedOn(...names: string[]): ClusterState {
  const links = [...ethernet('1', '2'), ...ethernet('1', '3'), ...ethernet('2', '3')].map(
    (link): ClusterEvent => ({ type: 'link-observed', link }),
  )
  return after(...joined('1', '2', '3'), ...links, created('x', aPlacement(...names)))
}

const sampleOf = (nodeId: NodeId, { loadedRatio = 0, doneBytes = 0, rank = 0 }): [NodeId, NodeSample] => [
  nodeId,
  {
    nodeId,
    epochMs: 0,
    availableBytes: 0,
    rates: [],
    shards: [{ instanceId: x, rank, kvBytes: 0, loadedRatio, peakBytes: 0, sentBytes: 0 }],
    downloads: [
      { id: 'd', modelId: aCard().modelId, status: 'running', doneBytes, totalBytes: 0, source: 'hub', savedBytes: 0, message: null },
    ],
  },
]

/** Looks every ten seconds until a part counts as stalled. @returns when and which, or null after a day */
function watch(stateAt: (nowMs: number) => ClusterState, samplesAt: (nowMs: number) => [NodeId, NodeSample][] = () => []) {
  let log = NO_LOADS
  for (let nowMs = 0; nowMs < 24 * 3_600_000; nowMs += 10_000) {
    const state = stateAt(nowMs)
    log = trackLoads(state, new Map(samplesAt(nowMs)), log, a, nowMs)
    const stalled = stalledLoads(state, log, a, nowMs)[x]
    if (stalled) return { nowMs, ...stalled, idlers: [...log.idlers.keys()] }
  }
  return null
}

const always =
  (state: ClusterState, ...events: ClusterEvent[]) =>
  () =>
    events.reduce(applyEvent, state)

describe('A2: a member that accepts a part of a model and does not load it', () => {
  it.each(['waiting', 'connecting', 'loading'] as const)('is found after minutes without progress: %s', (status) => {
    expect(watch(always(placedOn('2'), reported(0, status)))).toEqual({ nowMs: LOAD_STALL_MS, rank: 0, nodeId: b, idlers: [b] })
  })

  it('is found in a group too, where another part has come further', () => {
    expect(watch(always(placedOn('1', '2'), reported(0, 'loading'), reported(1, 'fetching')))).toMatchObject({
      nowMs: FETCH_STALL_MS,
      nodeId: b,
    })
  })

  it('is found though its status goes back and forth', () => {
    const flips = (ms: number): ClusterState => applyEvent(placedOn('2'), reported(0, (ms / 10_000) % 2 === 0 ? 'loading' : 'fetching'))
    expect(watch(flips)).toMatchObject({ nowMs: LOAD_STALL_MS, nodeId: b })
  })

  it('is not one that waited for another, from the moment on that the other has come as far', () => {
    const states = [reported(1, 'fetching'), reported(1, 'connecting'), reported(1, 'loading')].map((event) =>
      [reported(0, 'connecting'), event].reduce(applyEvent, placedOn('2', '1')),
    )
    const hour = 3_600_000
    expect(watch((ms) => states[ms < hour ? 0 : 1] as ClusterState)).toMatchObject({ nowMs: hour - 10_000 + LOAD_STALL_MS, nodeId: b })
    expect(watch((ms) => states[ms < hour ? 0 : 2] as ClusterState)).toMatchObject({ nowMs: hour - 10_000 + LOAD_STALL_MS, nodeId: b })
  })

  it('is not one that has loaded its part and waits for one that still loads', () => {
    const state = [reported(0, 'loading'), reported(1, 'loading')].reduce(applyEvent, placedOn('2', '3'))
    const samples = (ms: number) => [
      sampleOf(b, { loadedRatio: 1 }),
      sampleOf(NodeId.parse('3'), { loadedRatio: Math.min(0.9, ms / 7_200_000), rank: 1 }),
    ]
    expect(watch(() => state, samples)).toMatchObject({ nodeId: '3' })
  })

  it('is not one that loads or downloads, however slowly', () => {
    const hours = (ms: number): number => ms / 3_600_000
    expect(
      watch(always(placedOn('2'), reported(0, 'loading')), (ms) => [sampleOf(b, { loadedRatio: Math.min(1, hours(ms) / 4) })])?.nowMs,
    ).toBeGreaterThan(4 * 3_600_000)
    expect(watch(always(placedOn('2'), reported(0, 'fetching')), (ms) => [sampleOf(b, { doneBytes: (ms / 1000) * 20_000 })])).toBeNull()
  })

  it('is not one that waits for another, nor the leader, nor one whose model is ready', () => {
    expect(watch(always(placedOn('2', '1'), reported(0, 'connecting'), reported(1, 'fetching')))).toBeNull()
    expect(watch(always(placedOn('1'), reported(0, 'loading')))).toBeNull()
    const ready = after(...joined('1', '2'), created('x', aPlacement('2')), reported(0, 'ready'), {
      type: 'instance-status',
      instanceId: x,
      epoch: 1,
      status: 'ready',
      reasons: [],
    })
    expect(watch(() => ready)).toBeNull()
  })

  const free = { '1': 64 * GB, '2': 64 * GB, '3': 64 * GB }
  const facts = { availableBytes: free, unlinked: new Set<NodeId>(), stalled: { [x]: { rank: 0, nodeId: b } }, avoided: new Set([b]) }
  const managed = (state: ClusterState, changes: object = {}): InstanceState =>
    manageInstances(state, { ...facts, ...changes }).reduce(applyEvent, state).instances[x] as InstanceState

  it('loses the model to another machine, and the reason names it', () => {
    const instance = managed(placedOn('2'))
    expect(instance.placement.shards.map(({ nodeId }) => nodeId)).not.toContain(b)
    expect(instance.reasons).toEqual([expect.stringMatching(/^2 did not load its part of the model/)])
  })

  it('does not keep requests waiting where there is no other place: the error names it', () => {
    const instance = managed(placedOn('2'), { availableBytes: { '2': 64 * GB, '1': 0, '3': 0 } })
    expect([instance.status, instance.reasons[0]]).toEqual(['failed', expect.stringMatching(/^2 did not load its part/)])
  })

  it('gets no other model meanwhile, unless there is no other place', () => {
    const failing = applyEvent(placedOn('1'), {
      ...reported(0, 'ready'),
      status: 'failed',
      code: 'worker-died',
      message: 'x',
    } as ClusterEvent)
    expect(managed(failing, { stalled: {}, availableBytes: { '1': 0, '2': 64 * GB, '3': 64 * GB } }).placement.shards[0]?.nodeId).toBe('3')
    expect(managed(failing, { stalled: {}, availableBytes: { '1': 0, '2': 64 * GB, '3': 0 } }).placement.shards[0]?.nodeId).toBe('2')
  })
})
