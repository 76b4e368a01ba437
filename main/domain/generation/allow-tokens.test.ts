import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowTokens } from './allow-tokens.ts'

describe('allowTokens', () => {
  it.each([
    [{ promptTokens: 10, contextTokens: 100, maxTokens: null }, 90],
    [{ promptTokens: 10, contextTokens: 100, maxTokens: 5 }, 5],
    [{ promptTokens: 10, contextTokens: 100, maxTokens: 500 }, 90],
    [{ promptTokens: 100, contextTokens: 100, maxTokens: 0 }, 0],
  ])('of %o allows %i', (demand, allowed) => expect(allowTokens(demand)).toBe(allowed))

  it.each([null, 1, 100])('refuses a full context when %s tokens are asked for', (maxTokens) => {
    const demand = { promptTokens: 100, contextTokens: 100, maxTokens }
    expect(() => allowTokens(demand)).toThrow(expect.objectContaining({ code: 'context-exceeded', details: demand }))
  })

  it('never lets prompt and answer outgrow the context', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), fc.option(fc.nat(2000)), (promptTokens, contextTokens, maxTokens) => {
        try {
          const allowed = allowTokens({ promptTokens, contextTokens, maxTokens })
          return allowed >= 0 && promptTokens + allowed <= contextTokens && (maxTokens === null || allowed <= maxTokens)
        } catch {
          return promptTokens >= contextTokens
        }
      }),
    )
  })
})
