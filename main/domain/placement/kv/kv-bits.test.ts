import { describe, expect, it } from 'vitest'
import type { ModelCard } from '../../../shared/models/model-card.ts'
import { aCard, aRequest, GB } from '../../cluster/__fixtures__/builders.ts'
import { kvElementBytes } from './kv-element-bytes.ts'
import { placeInstance } from '../place-instance.ts'

const card = (changes: Partial<ModelCard> = {}): ModelCard =>
  aCard({ layers: 10, weightBytes: GB, kvHeads: 8, headDim: 128, contextTokens: 131_072, ...changes })

describe('a quantized KV cache', () => {
  it.each([
    ['darwin', undefined, 128, 2],
    ['darwin', 8, 128, 1 + 4 / 64],
    ['darwin', 4, 128, 0.5 + 4 / 64],
    ['darwin', 8, 96, 1 + 4 / 32],
    ['darwin', 8, 72, 2],
    ['darwin', 16, 72, 2],
    ['linux', undefined, 128, 4],
    ['linux', 16, 72, 2],
    ['linux', 4, 128, 0.5 + 8 / 64],
  ] as const)('takes on %s with %s bits and heads of %i: %d bytes per number', (platform, kvBits, headDim, bytes) => {
    expect(kvElementBytes(card({ headDim }), platform, kvBits)).toBe(bytes)
  })

  it('fits where the cache as computed does not, and its shards reserve what it takes', () => {
    const request = aRequest({ contextTokens: 131_072, headroomRatio: 0 })
    const topology = { nodes: { a: { totalBytes: 6 * GB, availableBytes: 5 * GB } }, links: [] }
    expect(() => placeInstance(card(), topology, request)).toThrow(/memory/)
    const placement = placeInstance(card(), topology, { ...request, kvBits: 8 })
    expect(placement).toMatchObject({ kvBits: 8, fallbacks: [] })
    expect(placement.shards[0]?.kvBytes).toBe(10 * 131_072 * 2 * 8 * 128 * (1 + 4 / 64))
  })

  it.each([
    ['latents', { kvLatentDim: 576 }],
    ['heads of an odd size', { headDim: 72 }],
  ])('is named with the reason where a model cannot have it (%s), which is placed all the same', (_name, changes) => {
    const topology = { nodes: { a: { totalBytes: 60 * GB, availableBytes: 50 * GB } }, links: [] }
    const request = aRequest({ contextTokens: 4096 })
    const placement = placeInstance(card(changes), topology, { ...request, kvBits: 4 })
    expect(placement).not.toHaveProperty('kvBits')
    expect(placement.fallbacks).toEqual([{ from: 'KV cache in 4 bits', to: 'KV cache as computed', reason: expect.any(String) }])
    expect(placement.shards).toEqual(placeInstance(card(changes), topology, request).shards)
  })
})
