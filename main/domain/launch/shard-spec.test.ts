import { describe, expect, it } from 'vitest'
import { aPlacement, GB } from '../cluster/__fixtures__/builders.ts'
import { type MachineLimits, shardSpec } from './shard-spec.ts'

const placement = aPlacement('a', 'b')
const machine: MachineLimits = { availableBytes: 16 * GB, isCapped: false, unplacedBytes: null, cores: 8, ranksHere: 1 }
const specOf = (changes: Partial<MachineLimits>) =>
  shardSpec(placement, placement.shards[1]!, '/models/x', { ...machine, ...changes }, null)

describe('shardSpec', () => {
  it('tells a rank its part of the model', () => {
    expect(specOf({})).toMatchObject({
      modelDir: '/models/x',
      strategy: 'pipeline',
      backend: 'ring',
      rank: 1,
      worldSize: 2,
      layers: { start: 0, end: 1 },
      contextTokens: 4096,
    })
  })
  it('computes on weights as they are stored', () => {
    expect(specOf({}).dequantize).toBe(false)
  })
  it('gives the ranks of one machine equal parts of its processors, and each at least one', () => {
    expect([1, 3, 16].map((ranksHere) => specOf({ ranksHere }).threads)).toEqual([8, 2, 1])
  })
  it('gives sequences and the prefix cache a part of what is left, never less than one context', () => {
    const room = specOf({}).cacheBytes
    expect(room).toBeGreaterThan(GB)
    expect(room).toBeLessThan(15 * GB)
    expect(specOf({ availableBytes: GB / 2 }).cacheBytes).toBe(placement.shards[1]!.kvBytes)
  })
  it('F8: leaves a draft what nothing else was placed on', () => {
    expect([specOf({}), specOf({ isCapped: true, unplacedBytes: 5 })].map(({ draftBytes }) => draftBytes)).toEqual([null, 5])
  })
  it('F8: gives them no more than was placed where --max-memory limits all that the workers take', () => {
    expect(specOf({ isCapped: true })).toMatchObject({
      cacheBytes: placement.shards[1]!.kvBytes,
      prefixCacheBytes: placement.shards[1]!.kvBytes,
    })
  })
})
