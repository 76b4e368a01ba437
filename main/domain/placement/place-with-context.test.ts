import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { placeWithContext } from './place-with-context.ts'

const card = ModelCard.parse({
  modelId: 'a/b',
  family: 'llama',
  layers: 10,
  hiddenSize: 1024,
  attentionHeads: 16,
  kvHeads: 16,
  headDim: 64,
  vocabSize: 1000,
  weightBytes: 100e6,
  contextTokens: 32_768,
})
const oneNode = (availableBytes: number): Topology => ({ nodes: { [NodeId.parse('a')]: { totalBytes: 1e9, availableBytes } }, links: [] })
const request = (fields: object): PlacementRequest => PlacementRequest.parse({ contextTokens: 8192, headroomRatio: 0, ...fields })

describe('placeWithContext', () => {
  it('takes the whole context where it fits', () => {
    const placement = placeWithContext(card, oneNode(1e9), request({ minContextTokens: 512 }))
    expect(placement).toMatchObject({ contextTokens: 8192, fallbacks: [] })
  })
  it('halves it until it fits, and says so', () => {
    const placement = placeWithContext(card, oneNode(200e6), request({ minContextTokens: 512 }))
    expect(placement.contextTokens).toBe(2048)
    expect(placement.fallbacks).toEqual([
      { from: '8192 tokens of context', to: '2048 tokens', reason: expect.stringContaining('Not enough memory') as string },
    ])
  })
  it('takes no more nodes for a context that was not requested', () => {
    const long = { ...card, contextTokens: 131_072 }
    const node = { totalBytes: 4e9, availableBytes: 2e9 }
    const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
    const link = (from: NodeId, to: NodeId) => ({
      from,
      to,
      kind: 'tcp' as const,
      address: '10.0.0.1',
      medium: 'ethernet' as const,
      roundTripMs: 1,
      throughputBytesPerSecond: 1e9,
    })
    const two: Topology = { nodes: { [a]: node, [b]: node }, links: [link(a, b), link(b, a)] }
    const whole = 2 ** 31 - 1
    expect(placeWithContext(long, two, request({ contextTokens: whole, minContextTokens: 512 }))).toMatchObject({
      contextTokens: 32_768,
      shards: { length: 1 },
    })
    expect(placeWithContext(long, two, request({ contextTokens: 65_536 })).shards).toHaveLength(2)
    expect(placeWithContext(long, oneNode(1e12), request({ contextTokens: whole, minContextTokens: 512 }))).toMatchObject({
      contextTokens: 131_072,
      fallbacks: [],
    })
  })
  it('keeps to a context that was asked for', () => {
    expect(() => placeWithContext(card, oneNode(200e6), request({}))).toThrow(
      expect.objectContaining({ code: 'not-enough-memory', details: expect.objectContaining({ contextTokens: 8192 }) as object }),
    )
  })
  it('fails with the error of the longest context when the weights alone are too large', () => {
    expect(() => placeWithContext(card, oneNode(50e6), request({ minContextTokens: 512 }))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ contextTokens: 8192 }) as object }),
    )
  })
})
