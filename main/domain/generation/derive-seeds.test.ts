import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Seed } from '../../shared/generation.ts'
import { deriveChoiceSeed } from './derive-choice-seed.ts'
import { deriveShardSeed } from './derive-shard-seed.ts'

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

describe('deriveShardSeed', () => {
  // Made with the seed document's Python function.
  it.each([
    [0n, 0, 0, 0n],
    [0n, 0, 1, 6238072747940578789n],
    [42n, 0, 0, 12058926934050108962n],
    [42n, 0, 1, 5695472266747893962n],
    [42n, 1, 0, 13679457532755275413n],
    [1069n, 0, 7, 9657108769253538745n],
    [1069n, 3, 1000, 10812750406064490593n],
    [9007199254740993n, 0, 0, 8114628312023455402n],
    [18446744073709551615n, 0, 1, 0n],
    [18446744073709551615n, 7, 2147483647, 5185869484421742191n],
    [9223372036854775808n, 2, 4095, 15950141922751705993n],
  ])('of %d, shard %i, step %i is %d', (baseSeed, shardId, step, expected) => expect(deriveShardSeed(baseSeed, shardId, step)).toBe(expected))

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
