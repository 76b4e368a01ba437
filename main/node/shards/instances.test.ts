import { beforeEach, describe, expect, it } from 'vitest'
import { aCard, aPlacement, after, aRequest, becameReady, created, joined } from '../../domain/cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../domain/cluster/replication/apply-event.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { pending } from '../../platform/waiting/pending.ts'
import { AppError } from '../../shared/app-error.ts'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { WantedKvBits } from '../../shared/models/kv-bits.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import type { ClusterControl } from './cluster-control.ts'
import { createInstances, instanceOf, type Instances } from './instances.ts'

const MODEL = ModelId.parse('org/model')
const X = InstanceId.parse('x')

describe('createInstances', () => {
  let state: ClusterState
  let listeners: Set<(state: ClusterState) => void>
  let placed: { pinned: boolean; reuse: boolean }[]
  let removed: string[]
  let waited: ReturnType<typeof pending<void>>
  let instances: Instances
  let isIdle: boolean
  let kvBits: WantedKvBits | null
  let requested: PlacementRequest[]
  const signal = new AbortController().signal

  const tell = (...events: ClusterEvent[]): void => {
    state = events.reduce(applyEvent, state)
    for (const listener of [...listeners]) listener(state)
  }
  const status = (next: 'ready' | 'failed', reasons: string[] = []): ClusterEvent => ({
    type: 'instance-status',
    instanceId: X,
    epoch: 1,
    status: next,
    reasons,
  })

  beforeEach(() => {
    state = after(...joined('a', 'b'))
    listeners = new Set()
    placed = []
    isIdle = true
    kvBits = null
    requested = []
    removed = []
    waited = pending<void>()
    const cluster: ClusterControl = {
      state: () => state,
      leaderName: () => 'studio-a',
      onState: (listener, until) => {
        listeners.add(listener)
        until.addEventListener('abort', () => listeners.delete(listener))
      },
      place: (_card, request, options) => {
        requested.push(request)
        placed.push(options)
        return Promise.resolve(X)
      },
      remove: (instanceId) => Promise.resolve(void removed.push(instanceId)),
    }
    instances = createInstances({
      isServing: () => true,
      isHere: (modelId) => modelId === MODEL,
      isIdle: () => isIdle,
      cluster,
      nodeId: NodeId.parse('a'),
      samples: () => new Map(),
      clock: { now: () => 0, sleep: (ms) => (ms === 10_000 ? waited.promise : pending<void>().promise) },
      defaultRequest: aRequest(),
      kvBitsOf: () => Promise.resolve(kvBits),
      card: () => Promise.resolve(aCard()),
      tokenizer: () => Promise.resolve({} as never),
      generate: () => (async function* () {})(),
    })
  })

  it('places a model that nothing serves, and waits until it answers', async () => {
    const handle = instances.ensure(MODEL, signal)
    await Promise.resolve()
    tell(created('x', aPlacement('a')))
    tell(...becameReady('x', 1, 1))
    expect(await handle).toMatchObject({ instanceId: 'x', modelId: 'org/model', contextTokens: 4096 })
    expect(placed).toEqual([{ pinned: false, reuse: true }])
    expect(listeners.size).toBe(0)
  })

  it.each([
    [null, undefined, undefined],
    [null, 8, 8],
    [4, 8, 4],
    [32, 8, undefined],
    [16, 8, 16],
    [8, undefined, 8],
  ] as const)(
    'places a model with the KV cache that its settings want (%s), else with that of the node (%s)',
    async (wanted, ofNode, kept) => {
      kvBits = wanted
      void instances.load(MODEL, aRequest({ ...(ofNode && { kvBits: ofNode }) }), false, signal)
      await expect.poll(() => requested).toHaveLength(1)
      expect(requested[0]?.kvBits).toBe(kept)
    },
  )

  it('F5: asks the leader for a model that lacks a node, so that it waits for it no longer', async () => {
    tell(created('x', aPlacement('a', 'c')), ...becameReady('x', 1, 2))
    await instances.ensure(MODEL, signal)
    expect(placed).toEqual([{ pinned: false, reuse: true }])
  })

  it('foresees the context and the tokenizer of a model that is here and not ready', async () => {
    expect(await instances.foresee(MODEL, signal)).toMatchObject({ contextTokens: aCard().contextTokens })
    expect(await instances.foresee(MODEL, signal, 100)).toMatchObject({ contextTokens: 100 })
    expect(await instances.foresee(ModelId.parse('org/elsewhere'), signal)).toBeNull()
    tell(created('x', aPlacement('a')))
    expect(await instances.foresee(MODEL, signal, 100)).toMatchObject({ contextTokens: 4096 })
    tell(...becameReady('x', 1, 1))
    expect(await instances.foresee(MODEL, signal)).toBeNull()
    expect(placed).toEqual([])
  })

  it('takes the instance that is there', async () => {
    tell(created('x', aPlacement('a')), ...becameReady('x', 1, 1))
    await instances.load(MODEL, aRequest(), true, signal)
    expect(placed).toEqual([])
  })

  it.each([
    ['idle, with less than the client asks for', 8192, true, false, ['x']],
    ['at work', 8192, false, false, []],
    ['placed by somebody to stay', 8192, true, true, []],
    ['long enough', 2048, true, false, []],
    ['of the context that the node itself asks for', aRequest().contextTokens, true, false, []],
  ])('loads it again where a client chooses a context (%s)', async (_, contextTokens, idle, pinned, expected) => {
    isIdle = idle
    const card = aCard({ contextTokens: 32_768 })
    tell(created('x', aPlacement('a'), { card, pinned }), ...becameReady('x', 1, 1))
    const handle = instances.ensure(card.modelId, signal, undefined, contextTokens)
    await handle
    expect(removed).toEqual(expected)
    expect(placed).toHaveLength(expected.length)
  })

  it('lets so many requests wait for a load, and tells the next one to come again', async () => {
    const all = Array.from({ length: 513 }, () => instances.ensure(MODEL, signal))
    await expect(all.at(-1)).rejects.toMatchObject({ code: 'engine-busy' })
    await Promise.resolve()
    tell(created('x', aPlacement('a')))
    tell(...becameReady('x', 1, 1))
    expect(await Promise.all(all.slice(0, 512))).toHaveLength(512)
    expect((await instances.ensure(MODEL, signal)).instanceId).toBe('x')
  })

  it('tells why the model could not be loaded', async () => {
    tell(created('x', aPlacement('a')))
    const loading = instances.load(MODEL, aRequest(), true, signal)
    tell(
      {
        type: 'shard-status',
        instanceId: X,
        epoch: 1,
        rank: 0,
        status: 'failed',
        port: null,
        residentBytes: 0,
        code: 'model-damaged',
        message: 'A file is cut off.',
      },
      status('failed', ['rank 0: A file is cut off.']),
    )
    await expect(loading).rejects.toMatchObject({
      code: 'model-damaged',
      message: 'A file is cut off.',
      details: { reasons: ['rank 0: A file is cut off.'] },
    })
  })

  it('loads again what had failed, because the cause may be gone', async () => {
    tell(created('x', aPlacement('a')), status('failed'))
    const loading = instances.load(MODEL, aRequest(), true, signal)
    await expect(loading).rejects.toMatchObject({ code: 'instance-failed' })
    expect([removed, placed]).toEqual([['x'], [{ pinned: true, reuse: true }]])
  })

  it('ends when the model is unloaded meanwhile, when the client leaves, and when the leader never tells', async () => {
    tell(created('x', aPlacement('a')))
    const unloaded = instances.load(MODEL, aRequest(), true, signal)
    tell({ type: 'instance-deleted', instanceId: X, reason: '' })
    await expect(unloaded).rejects.toMatchObject({ code: 'instance-failed' })

    const client = new AbortController()
    const left = instances.load(MODEL, aRequest(), true, client.signal)
    client.abort(new AppError('cancelled', 'The client disconnected.'))
    await expect(left).rejects.toMatchObject({ code: 'cancelled' })

    const untold = instances.load(MODEL, aRequest(), true, signal)
    waited.resolve()
    await expect(untold).rejects.toMatchObject({ code: 'instance-recovering', message: expect.stringContaining('studio-a') })
    expect(listeners.size).toBe(0)
  })

  it('takes the instance that is wanted of several, waits for it, and another once it is gone', async () => {
    tell(created('x', aPlacement('a')), ...becameReady('x', 1, 1), created('y', aPlacement('b')))
    const wanted = instances.ensure(MODEL, signal, InstanceId.parse('y'))
    tell(...becameReady('y', 1, 1))
    expect((await wanted).instanceId).toBe('y')
    tell({ type: 'instance-deleted', instanceId: InstanceId.parse('y'), reason: '' })
    expect((await instances.ensure(MODEL, signal, InstanceId.parse('y'))).instanceId).toBe('x')
    expect(placed).toEqual([])
  })

  it('is recoverable where other nodes are, until it is deleted', async () => {
    tell(created('x', aPlacement('a')), ...becameReady('x', 1, 1))
    const handle = await instances.ensure(MODEL, signal)
    expect(handle.isRecoverable).toBe(true)
    tell({ type: 'node-left', nodeId: 'b' as never, reason: '' })
    expect(handle.isRecoverable).toBe(false)
    tell(...joined('b'), { type: 'instance-deleted', instanceId: X, reason: '' })
    expect(handle.isRecoverable).toBe(false)
  })
})

describe('instanceOf', () => {
  it('prefers the one that is furthest', () => {
    const state = after(...joined('a'), created('x', aPlacement('a')), created('y', aPlacement('a')), ...becameReady('y', 1, 1))
    expect(instanceOf(state, MODEL)?.instanceId).toBe('y')
    expect(instanceOf(state, ModelId.parse('org/other'))).toBeNull()
  })
})
