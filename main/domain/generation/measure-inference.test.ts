import { describe, expect, it } from 'vitest'
import { measureInference } from './measure-inference.ts'

const timings = { queueMs: 5, prefillMs: 50, decodeMs: 100, cachedTokens: 0 }

describe('measureInference', () => {
  it('leaves the first token of a stay, which the prefill samples, out of the decode rate', () => {
    const stays = [{ choiceIndex: 0, sampledTokens: 11, promptTokens: 20, timings: { ...timings, cachedTokens: 10 } }]
    expect(measureInference({ acceptedAtMs: 1000, firstTokenAtMs: 1060, endedAtMs: 1200, stays })).toEqual({
      ttftMs: 60,
      queueMs: 5,
      prefillTokensPerSecond: 200,
      decodeTokensPerSecond: 100,
      totalMs: 200,
    })
  })

  it('adds up the stays of a choice, and the tokens of choices that decode side by side', () => {
    const stay = (choiceIndex: number) => ({ choiceIndex, sampledTokens: 11, promptTokens: 20, timings })
    const at = { acceptedAtMs: 0, firstTokenAtMs: 60, endedAtMs: 300 }
    expect(measureInference({ ...at, stays: [stay(0), stay(0)] }).decodeTokensPerSecond).toBe(100)
    expect(measureInference({ ...at, stays: [stay(0), stay(1)] }).decodeTokensPerSecond).toBe(200)
  })

  it('stays finite without a token or a stay', () => {
    const none = { ttftMs: 30, queueMs: 0, prefillTokensPerSecond: 0, decodeTokensPerSecond: 0, totalMs: 30 }
    expect(measureInference({ acceptedAtMs: 0, firstTokenAtMs: null, endedAtMs: 30, stays: [] })).toEqual(none)
  })
})
