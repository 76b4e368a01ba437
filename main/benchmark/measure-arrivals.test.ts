import { describe, expect, it } from 'vitest'
import { measureArrivals } from './measure-arrivals.ts'

describe('measureArrivals', () => {
  it('takes rates from the gaps between tokens', () => {
    const pieces = [
      { atMs: 1_200, tokens: 1 },
      { atMs: 1_220, tokens: 1 },
      { atMs: 1_240, tokens: 1 },
      { atMs: 1_300, tokens: 1 },
    ]
    expect(measureArrivals({ startMs: 1_000, endMs: 1_310, promptTokens: 100, completionTokens: 4, pieces }, 99)).toEqual({
      promptTokens: 100,
      completionTokens: 4,
      ttftMs: 200,
      prefillTokensPerSecond: 500,
      decodeTokensPerSecond: 30,
      interTokenMs: [20, 20, 60],
      startMs: 1_000,
      endMs: 1_310,
    })
  })

  it('shares the gap of a piece among its tokens', () => {
    const pieces = [
      { atMs: 100, tokens: 1 },
      { atMs: 130, tokens: 3 },
    ]
    expect(measureArrivals({ startMs: 0, endMs: 140, promptTokens: null, completionTokens: null, pieces }, 50)).toMatchObject({
      promptTokens: 50,
      completionTokens: 4,
      prefillTokensPerSecond: 500,
      decodeTokensPerSecond: 100,
      interTokenMs: [10, 10, 10],
    })
  })

  it("believes the server's count where pieces hide theirs", () => {
    const pieces = [
      { atMs: 100, tokens: 1 },
      { atMs: 200, tokens: 1 },
      { atMs: 300, tokens: 1 },
    ]
    expect(measureArrivals({ startMs: 0, endMs: 300, promptTokens: 10, completionTokens: 6, pieces }, 10)).toMatchObject({
      completionTokens: 6,
      decodeTokensPerSecond: 20,
      interTokenMs: [50, 50, 50, 50],
    })
  })

  it('has no rate of one piece, and nothing of none', () => {
    expect(
      measureArrivals({ startMs: 0, endMs: 10, promptTokens: 5, completionTokens: 1, pieces: [{ atMs: 10, tokens: 1 }] }, 5),
    ).toMatchObject({ decodeTokensPerSecond: null, interTokenMs: [] })
    expect(measureArrivals({ startMs: 0, endMs: 10, promptTokens: 5, completionTokens: 0, pieces: [] }, 5)).toBeNull()
  })
})
