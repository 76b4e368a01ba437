import { describe, expect, it } from 'vitest'
import { contextChoices } from '../context-choices.ts'
import { cacheBytes, mainWays, PlacementPreviews, previewPath, splitWays, toWayRequest } from './placement-preview.ts'

const shard = (nodeId: string) => ({ nodeId, rank: 0, stage: 0, layers: { start: 0, end: 1 }, weightBytes: 1, kvBytes: 2 })
const way = (strategy: string, backend: string, ...nodeIds: string[]) => ({
  strategy,
  backend,
  jacclRing: false,
  shards: nodeIds.map(shard),
  rdmaMatrix: null,
  fallbacks: [],
})
const previews = PlacementPreviews.parse({
  previews: [
    way('pipeline', 'local', 'a'),
    way('tensor', 'ring', 'a', 'b'),
    way('pipeline', 'ring', 'a', 'b'),
    { strategy: 'pipeline', backend: 'jaccl', minNodes: 2, error: 'no cable' },
    { strategy: 'tensor', backend: 'jaccl', minNodes: 2, error: 'no cable' },
  ],
})
const { possible, impossible } = splitWays(previews)

describe('placement previews', () => {
  it('ask for exactly the way that was shown', () => {
    expect(possible.slice(0, 2).map((each) => toWayRequest(each, { contextTokens: null, kvBits: null, nodeIds: null }))).toEqual([
      { sharding: 'pipeline', min_nodes: 1 },
      { sharding: 'tensor', backend: 'ring', min_nodes: 2 },
    ])
  })
  it('ask with the chosen context and machines', () => {
    const choice = { contextTokens: 4096, kvBits: 8 as const, nodeIds: ['a', 'b'] }
    expect(previewPath('org/m', choice)).toBe('/instance/previews?model_id=org%2Fm&context_tokens=4096&kv_bits=8&nodes=a%2Cb')
    expect(previewPath('org/m', { contextTokens: null, kvBits: null, nodeIds: null })).toBe('/instance/previews?model_id=org%2Fm')
    expect(toWayRequest(possible[0]!, choice)).toEqual({
      sharding: 'pipeline',
      min_nodes: 1,
      context_tokens: 4096,
      kv_bits: 8,
      nodes: ['a', 'b'],
    })
  })
  it('tell a reason once', () =>
    expect(impossible).toMatchObject([{ reason: 'no cable', ways: [{ strategy: 'pipeline' }, { strategy: 'tensor' }] }]))
  it('show the best way of each number of machines, and the others on demand', () => {
    const { main, more } = mainWays(possible)
    expect([main, more].map((ways) => ways.map(({ strategy, backend }) => `${strategy} ${backend}`))).toEqual([
      ['pipeline local', 'tensor ring'],
      ['pipeline ring'],
    ])
  })
  it('price the context on all machines together', () => expect(possible.map(cacheBytes)).toEqual([2, 4, 4]))
})

describe('the choices of context', () => {
  it('double up to the model’s own, which is the last', () => {
    expect(contextChoices(8192)).toEqual([2048, 4096, 8192])
    expect(contextChoices(40_960).slice(-2)).toEqual([32_768, 40_960])
    expect(contextChoices(512)).toEqual([512])
  })
})
