import { describe, expect, it } from 'vitest'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { Link } from '../../shared/topology.ts'
import { aCard, aRequest, cable, ethernet } from '../cluster/__fixtures__/builders.ts'
import { PlacementError } from './placement-error.ts'
import { placeInstance } from './place-instance.ts'

/*
 * What exo 0.3.70 decides in the same situations. It has no headroom, KV cache or ends of the model to count, so these
 * are as good as nil here. Where we decide otherwise, the test says so.
 */

interface Situation {
  readonly freeBytes: Readonly<Record<string, number>>
  readonly links?: readonly Link[]
  readonly layers?: number
  readonly modelBytes: number
  readonly card?: Partial<ModelCard>
  readonly request?: Partial<PlacementRequest>
  readonly stored?: Readonly<Record<string, number>>
  readonly rdmaOff?: readonly string[]
}

/** Layers per node, or the code of the error. Sizes are in thousands, so that negligible amounts can be expressed. */
function decide({ freeBytes, links = [], layers = 10, modelBytes, card, request, stored = {}, rdmaOff = [] }: Situation): unknown {
  const nodes = Object.entries(freeBytes).map(([name, free]) => {
    const availableBytes = free * 1000 + 100
    return [
      name,
      {
        totalBytes: availableBytes,
        availableBytes,
        storedModels: { 'org/model': stored[name] ?? 0 },
        rdma: rdmaOff.includes(name) ? 'disabled' : 'enabled',
      },
    ] as const
  })
  const nil = { vocabSize: 1, headDim: 1, kvHeads: 1, attentionHeads: 1, hiddenSize: 1, contextTokens: 1 }
  const model = aCard({ ...nil, layers, weightBytes: modelBytes * 1000, strategies: ['pipeline', 'tensor'], ...card })
  try {
    const { shards, strategy, backend } = placeInstance(
      model,
      { nodes: Object.fromEntries(nodes), links: [...links] },
      aRequest({ contextTokens: 1, headroomRatio: 0, ...request }),
    )
    const counts = Object.fromEntries(
      shards.map(({ nodeId, layers: { start, end } }): [string, number] => [nodeId, end - start]).sort(([a], [b]) => (a < b ? -1 : 1)),
    )
    return { over: backend === 'local' ? 'one node' : `${strategy} ${backend}`, layers: counts }
  } catch (error) {
    if (error instanceof PlacementError) return error.code
    throw error
  }
}

const joinAll = (names: string): Link[] => [...names].flatMap((a, index) => [...names].slice(index + 1).flatMap((b) => ethernet(a, b)))
const triangleOfCables = [...cable('a', 'en3', 'b', 'en3'), ...cable('b', 'en4', 'c', 'en4'), ...cable('a', 'en5', 'c', 'en5')]
const sharded = { attentionHeads: 8, kvHeads: 8, headDim: 1 }

describe('placement as exo decides it', () => {
  it.each<[what: string, situation: Situation, decided: unknown]>([
    [
      'by memory, to the last byte',
      { freeBytes: { a: 500, b: 500, c: 1000 }, links: joinAll('abc'), layers: 12, modelBytes: 2000 },
      { over: 'pipeline ring', layers: { a: 3, b: 3, c: 6 } },
    ],
    [
      'by memory, unevenly',
      { freeBytes: { a: 312, b: 468, c: 1092 }, links: joinAll('abc'), layers: 12, modelBytes: 1872 },
      { over: 'pipeline ring', layers: { a: 2, b: 3, c: 7 } },
    ],
    ['on one node', { freeBytes: { a: 1025 }, modelBytes: 1024 }, { over: 'one node', layers: { a: 10 } }],
    [
      'on the node with most memory',
      { freeBytes: { a: 1000, b: 1200, c: 1100 }, links: joinAll('abc'), modelBytes: 900 },
      { over: 'one node', layers: { b: 10 } },
    ],
    [
      'with more nodes asked for than there are',
      { freeBytes: { a: 1000, b: 1000 }, links: joinAll('ab'), modelBytes: 900, request: { minNodes: 3 } },
      'not-enough-nodes',
    ],
    [
      'where more of the files are',
      { freeBytes: { a: 1000, b: 1000 }, modelBytes: 1000, stored: { a: 0.3, b: 0.8 } },
      { over: 'one node', layers: { b: 10 } },
    ],
    [
      'where the files are rather than more memory',
      { freeBytes: { a: 9000, b: 1000 }, modelBytes: 500, stored: { b: 1 } },
      { over: 'one node', layers: { b: 10 } },
    ],
    [
      'tensor of a model that has none',
      {
        freeBytes: { a: 1000, b: 1000 },
        links: joinAll('ab'),
        modelBytes: 900,
        card: { strategies: ['pipeline'] },
        request: { strategy: 'tensor', minNodes: 2 },
      },
      'strategy-impossible',
    ],
    [
      'tensor over three',
      {
        freeBytes: { a: 610, b: 610, c: 610 },
        links: joinAll('abc'),
        modelBytes: 1800,
        card: { ...sharded, attentionHeads: 9, kvHeads: 3, hiddenSize: 3 },
        request: { strategy: 'tensor' },
      },
      { over: 'tensor ring', layers: { a: 10, b: 10, c: 10 } },
    ],
    [
      'tensor of one kv head',
      {
        freeBytes: { a: 1000, b: 1000 },
        links: joinAll('ab'),
        modelBytes: 1500,
        card: { attentionHeads: 8, hiddenSize: 4096 },
        request: { strategy: 'tensor' },
      },
      'strategy-impossible',
    ],
    [
      'JACCL without cables',
      { freeBytes: { a: 500, b: 500, c: 500 }, links: joinAll('abc'), layers: 12, modelBytes: 1500, request: { backend: 'jaccl' } },
      'backend-impossible',
    ],
    [
      'JACCL with RDMA off on one',
      {
        freeBytes: { a: 500, b: 500, c: 500 },
        links: [...triangleOfCables, ...joinAll('abc')],
        layers: 12,
        modelBytes: 1500,
        rdmaOff: ['c'],
        request: { backend: 'jaccl', minNodes: 3 },
      },
      'backend-impossible',
    ],
    [
      'a chain that would have to be a ring',
      { freeBytes: { a: 500, b: 500, c: 500 }, links: [...joinAll('ab'), ...joinAll('bc')], layers: 12, modelBytes: 1500 },
      'not-connected',
    ],
    ['a pair with a link one way', { freeBytes: { a: 500, b: 500 }, links: joinAll('ab').slice(0, 1), modelBytes: 1000 }, 'not-connected'],
    ['too much for all', { freeBytes: { a: 1000, b: 1000 }, links: joinAll('ab'), modelBytes: 2002 }, 'not-enough-memory'],
  ])('%s', (_, situation, decided) => expect(decide(situation)).toEqual(decided))
})

describe('placement otherwise than exo decides it', () => {
  it('splits where a proportional split overflows a node and another does not', () => {
    expect(decide({ freeBytes: { a: 199, b: 350 }, links: joinAll('ab'), layers: 4, modelBytes: 400 })).toEqual({
      over: 'pipeline ring',
      layers: { a: 1, b: 3 },
    })
  })

  it('takes the pair with most memory of a daisy chain, not one that contains an end', () => {
    const chain = [...joinAll('ab'), ...joinAll('bc'), ...joinAll('cd')]
    expect(decide({ freeBytes: { a: 500, b: 600, c: 600, d: 500 }, links: chain, modelBytes: 1000 })).toEqual({
      over: 'pipeline ring',
      layers: { b: 5, c: 5 },
    })
  })

  it('takes a larger set when tensor does not divide over the smallest', () => {
    const situation = {
      freeBytes: { a: 610, b: 610, c: 610, d: 610 },
      links: joinAll('abcd'),
      modelBytes: 1800,
      card: { ...sharded, hiddenSize: 16 },
      request: { strategy: 'tensor' as const },
    }
    expect(decide(situation)).toEqual({ over: 'tensor ring', layers: { a: 10, b: 10, c: 10, d: 10 } })
  })

  it('goes over JACCL by itself where the cables allow it', () => {
    const situation = {
      freeBytes: { a: 500, b: 500, c: 500 },
      links: [...triangleOfCables, ...joinAll('abc')],
      layers: 12,
      modelBytes: 1500,
      card: { strategies: ['pipeline' as const] },
    }
    expect(decide(situation)).toEqual({ over: 'pipeline jaccl', layers: { a: 4, b: 4, c: 4 } })
  })
})
