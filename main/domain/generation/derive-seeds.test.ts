import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Seed } from '../../shared/inference/generation.ts'
import { deriveChoiceSeed } from './derive-choice-seed.ts'
import { deriveShardSeed } from './derive-shard-seed.ts'

const vectorsFile = new URL('../../../native/engine/tests/shard_seed_vectors.inc', import.meta.url)
/** Base seed, shard, step and the derived seed. */
const vectors = readFileSync(vectorsFile, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => (line.match(/0x[0-9a-f]+/g) ?? []).map(BigInt))

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

describe('deriveShardSeed', () => {
  it("is the seed document's formula, on the vectors that the engine's C++ is tested with", () => {
    expect(vectors).toHaveLength(1000)
    expect(vectors.map(([base = 0n, shard = 0n, step = 0n]) => deriveShardSeed(base, shard, step))).toEqual(
      vectors.map(([, , , expected]) => expected),
    )
  })

  it('takes numbers for shard and step as well', () => expect(deriveShardSeed(42n, 7, 100)).toBe(deriveShardSeed(42n, 7n, 100n)))

  it('gives an unsigned 64-bit number, another for each step', () => {
    fc.assert(
      fc.property(uint64, fc.nat(1024), fc.nat(), (baseSeed, shardId, step) => {
        const seed = deriveShardSeed(baseSeed, shardId, step)
        return seed >= 0n && seed < 2n ** 64n && seed !== deriveShardSeed(baseSeed, shardId, step + 1)
      }),
    )
  })
})

describe('deriveChoiceSeed', () => {
  it('keeps the seed for the first choice and gives valid, distinct seeds for the others', () => {
    fc.assert(
      fc.property(uint64, (seed) => {
        const seeds = Array.from({ length: 8 }, (_, choiceIndex) => deriveChoiceSeed(seed.toString(), choiceIndex))
        return seeds[0] === seed.toString() && new Set(seeds).size === 8 && seeds.every((choice) => Seed.safeParse(choice).success)
      }),
    )
  })
})
