import { describe, expect, it } from 'vitest'
import { ModelCard } from '../../../main/shared/models/model-card.ts'
import { filterModels, type OfferedModel, preferredModel } from './model-listing.ts'
import { PlacementPreviews, splitWays, toWayRequest } from './placement-preview.ts'

const card = (modelId: string, weightBytes: number) =>
  ModelCard.parse({
    modelId,
    family: 'llama',
    layers: 1,
    hiddenSize: 1,
    attentionHeads: 1,
    kvHeads: 1,
    headDim: 1,
    vocabSize: 1,
    weightBytes,
    contextTokens: 1,
  })
const model = (modelId: string, weightBytes: number, loaded = false): OfferedModel => ({
  modelId,
  aliases: [`${modelId}-alias`],
  loaded,
  card: card(modelId, weightBytes),
})
const models = [model('small', 10), model('big', 1000), model('middle', 100, true)]
const ids = (options: Partial<Parameters<typeof filterModels>[1]>): string[] =>
  filterModels(models, { search: '', filter: 'all', freeBytes: 500, ...options }).map(({ modelId }) => modelId)

describe('the catalogue', () => {
  it('shows what is loaded first, then what fits, then the rest', () => expect(ids({})).toEqual(['middle', 'small', 'big']))
  it('finds all words in names, aliases and families', () => {
    expect([ids({ search: 'LLAMA big' }), ids({ search: 'middle-al' }), ids({ search: 'none' })]).toEqual([['big'], ['middle'], []])
  })
  it('filters by what is loaded and what fits', () =>
    expect([ids({ filter: 'loaded' }), ids({ filter: 'fits' })]).toEqual([['middle'], ['middle', 'small']]))
  it('prefers the model of before, then a loaded one', () => {
    expect([preferredModel(models, 'big'), preferredModel(models, 'gone'), preferredModel([], 'gone')]).toEqual(['big', 'middle', null])
  })
})

describe('placement previews', () => {
  const shard = (nodeId: string) => ({ nodeId, rank: 0, stage: 0, layers: { start: 0, end: 1 }, weightBytes: 1, kvBytes: 1 })
  const previews = PlacementPreviews.parse({
    previews: [
      { strategy: 'pipeline', backend: 'local', jacclRing: false, shards: [shard('a')], rdmaMatrix: null, fallbacks: [] },
      { strategy: 'tensor', backend: 'ring', jacclRing: false, shards: [shard('a'), shard('b')], rdmaMatrix: null, fallbacks: [] },
      { strategy: 'pipeline', backend: 'jaccl', minNodes: 2, error: 'no cable' },
      { strategy: 'tensor', backend: 'jaccl', minNodes: 2, error: 'no cable' },
    ],
  })
  it('ask for exactly the way that was shown', () => {
    expect(splitWays(previews).possible.map((way) => toWayRequest(way))).toEqual([
      { sharding: 'pipeline', min_nodes: 1 },
      { sharding: 'tensor', backend: 'ring', min_nodes: 2 },
    ])
  })
  it('tell a reason once', () =>
    expect(splitWays(previews).impossible).toMatchObject([
      { reason: 'no cable', ways: [{ strategy: 'pipeline' }, { strategy: 'tensor' }] },
    ]))
})
