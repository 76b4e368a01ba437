import { describe, expect, it } from 'vitest'
import { measureRun } from './measure-run.ts'

describe('measureRun', () => {
  it('counts the prompt up to the first token and the rest from there', () => {
    expect(measureRun({ promptTokens: 512, startMs: 1_000, tokenMs: [1_256, 1_266, 1_276, 1_286] })).toEqual({
      ttftMs: 256,
      prefillTokensPerSecond: 2_000,
      decodeTokensPerSecond: 100,
    })
  })

  it('refuses a run without a rate', () => {
    expect(() => measureRun({ promptTokens: 1, startMs: 0, tokenMs: [1] })).toThrow(RangeError)
  })
})
