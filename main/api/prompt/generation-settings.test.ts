import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toGenerationSettings, toUnsignedSeed } from './generation-settings.ts'

describe('toUnsignedSeed', () => {
  it('keeps the low 64 bits of any integer of 64 bits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        (seed) => BigInt(toUnsignedSeed(seed.toString())) === BigInt.asUintN(64, seed),
      ),
    )
  })

  it.each(['18446744073709551616', '-9223372036854775809'])('refuses %s', (seed) => {
    expect(() => toUnsignedSeed(seed)).toThrow(expect.objectContaining({ status: 400, param: 'seed' }))
  })
})

describe('toGenerationSettings', () => {
  it('takes top_p of 0 and top_k of -1 as OpenAI and vLLM mean them', () => {
    const { topP, topK } = toGenerationSettings({ top_p: 0, top_k: -1 })
    expect(topP).toBeGreaterThan(0)
    expect(topP).toBeLessThan(1e-3)
    expect(topK).toBe(0)
  })

  it('refuses more biases than the engine takes', () => {
    const bias = Object.fromEntries(Array.from({ length: 5000 }, (_, tokenId) => [tokenId, 1]))
    expect(() => toGenerationSettings({ logit_bias: bias })).toThrow(expect.objectContaining({ param: 'logit_bias' }))
  })
})
