import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InstanceId, ModelId, NodeId } from '../../../shared/ids.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
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
  stored,
} from '../__fixtures__/builders.ts'
import { applyEvent, DELETED_INSTANCES_LIMIT } from './apply-event.ts'
import { EMPTY_CLUSTER } from '../cluster-state.ts'

const x = InstanceId.parse('x')
const a = NodeId.parse('a')

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

describe('applyEvent', () => {
  it('tells the whole story of an instance', () => {
    const state = after(...joined('a', 'b'), created('x', aPlacement('a', 'b')), ...becameReady('x', 1, 2))
    expect(state.instances[x]).toEqual({
      instanceId: 'x',
      card: aCard(),
      request: aRequest(),
      epoch: 1,
      lastEpoch: 1,
      placement: aPlacement('a', 'b'),
      pinned: false,
      attempt: 0,
      status: 'ready',
      reasons: [],
      shards: [
        { status: 'ready', port: 50000, residentBytes: GB, code: null, message: null },
        { status: 'ready', port: 50001, residentBytes: GB, code: null, message: null },
      ],
    })
  })

  it('takes a node away with its links and files, and leaves its instances to the leader', () => {
    const links = [...ethernet('a', 'b'), ...cable('a', 'rdma_en2', 'b', 'rdma_en3'), ...ethernet('b', 'c')]
    const before = after(
      ...joined('a', 'b', 'c'),
      stored('a'),
      ...links.map((link): ClusterEvent => ({ type: 'link-observed', link })),
      created('x', aPlacement('a', 'b')),
    )
    const state = applyEvent(before, { type: 'node-left', nodeId: a, reason: 'link lost' })
    expect(state).toEqual({
      nodes: { b: aNode('b'), c: aNode('c') },
      links: { b: [links[4]], c: [links[5]] },
      instances: before.instances,
      storedModels: {},
      deletedInstances: [],
    })
  })

  it('does not let a worker of another epoch touch its successor', () => {
    const replaced: ClusterEvent = {
      type: 'instance-replaced',
      instanceId: x,
      epoch: 2,
      placement: aPlacement('b'),
      attempt: 1,
      reasons: ['a left'],
    }
    const state = after(...joined('a', 'b'), created('x', aPlacement('a', 'b')), replaced)
    expect(
      applyEvent(state, {
        type: 'shard-status',
        instanceId: x,
        epoch: 1,
        rank: 0,
        status: 'failed',
        port: null,
        residentBytes: 0,
        code: 'worker-died',
        message: 'killed',
      }),
    ).toBe(state)
    expect(applyEvent(state, replaced)).toBe(state)
  })

  it('is unmoved by what it knows already', () => {
    const events: ClusterEvent[] = [
      ...joined('a', 'b'),
      stored('a'),
      ...ethernet('a', 'b').map((link): ClusterEvent => ({ type: 'link-observed', link })),
    ]
    const state = after(...events)
    for (const event of events) expect(applyEvent(state, event)).toBe(state)
  })

  it('replaces a link’s measurement, and distinguishes two cables between the same nodes', () => {
    const cables = [...cable('a', 'en2', 'b', 'en3'), ...cable('a', 'en4', 'b', 'en5')]
    const state = after(...cables.map((link): ClusterEvent => ({ type: 'link-observed', link })))
    const measured = { ...cables[0]!, roundTripMs: 0.02 }
    expect(applyEvent(state, { type: 'link-observed', link: measured }).links).toEqual({
      a: [measured, cables[2]],
      b: [cables[1], cables[3]],
    })
    expect(applyEvent(state, { type: 'link-lost', link: cables[2]! }).links).toEqual({ a: [cables[0]], b: [cables[1], cables[3]] })
  })

  it('remembers a bounded number of deleted instances', () => {
    const ids = Array.from({ length: DELETED_INSTANCES_LIMIT + 2 }, (_, index) => `x${index}`)
    const state = after(
      ...ids.flatMap((id): ClusterEvent[] => [
        created(id, aPlacement('a')),
        { type: 'instance-deleted', instanceId: InstanceId.parse(id), reason: 'asked for' },
      ]),
    )
    expect(state.instances).toEqual({})
    expect(state.deletedInstances).toEqual(ids.slice(2))
  })

  it('never changes what it was given', () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const event: fc.Arbitrary<ClusterEvent> = fc.oneof(
      names.map((name) => joined(name)[0]!),
      names.map((name): ClusterEvent => ({ type: 'node-left', nodeId: NodeId.parse(name), reason: 'gone' })),
      fc.tuple(names, names).map(([from, to]): ClusterEvent => ({ type: 'link-observed', link: ethernet(from, to)[0]! })),
      fc.tuple(names, names).map(([from, to]): ClusterEvent => ({ type: 'link-lost', link: ethernet(from, to)[0]! })),
      names.map((name) => created('x', aPlacement(name, 'd'))),
      fc.tuple(fc.integer({ min: 1, max: 3 }), names).map(
        ([epoch, name]): ClusterEvent => ({
          type: 'instance-replaced',
          instanceId: x,
          epoch,
          placement: aPlacement(name),
          attempt: 1,
          reasons: [],
        }),
      ),
      fc
        .integer({ min: 1, max: 3 })
        .map((epoch): ClusterEvent => ({ type: 'instance-status', instanceId: x, epoch, status: 'ready', reasons: [] })),
      fc.constant<ClusterEvent>({ type: 'instance-deleted', instanceId: x, reason: 'idle' }),
      names.map((name) => stored(name)),
      names.map((name): ClusterEvent => ({ type: 'model-removed', nodeId: NodeId.parse(name), modelId: ModelId.parse('org/model') })),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state = deepFreeze(structuredClone(EMPTY_CLUSTER))
        for (const next of events) state = deepFreeze(applyEvent(state, deepFreeze(next)))
      }),
    )
  })
})

describe('A6: ids that are properties of every object', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', (name) => {
    const id = name as never
    const events = [
      { type: 'link-observed', link: { kind: 'tcp', from: id, to: id, roundTripMs: null, address: 'x', medium: 'unknown' } },
      { type: 'link-lost', link: { kind: 'tcp', from: id, to: id, roundTripMs: null, address: 'x', medium: 'unknown' } },
      { type: 'node-left', nodeId: id, reason: '' },
      { type: 'model-stored', nodeId: id, modelId: id, status: 'complete', totalBytes: 1, message: null },
      { type: 'model-removed', nodeId: id, modelId: id },
      { type: 'instance-status', instanceId: id, epoch: 1, status: 'ready', reasons: [] },
      { type: 'instance-deleted', instanceId: id, reason: '' },
    ] as const
    for (const event of events) expect(() => applyEvent(EMPTY_CLUSTER, event as never)).not.toThrow()
    expect(applyEvent(EMPTY_CLUSTER, { type: 'instance-deleted', instanceId: id, reason: '' })).toBe(EMPTY_CLUSTER)
  })
})
