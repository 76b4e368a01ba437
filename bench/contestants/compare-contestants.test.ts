import { describe, expect, it } from 'vitest'
import { compareContestants, medianOfRuns } from './compare-contestants.ts'

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
  ])('of %j is %d', (values, middle) => expect(medianOfRuns(values)).toBe(middle))
})

describe('compareContestants', () => {
  const run = (ttftMs: number, prefillTokensPerSecond: number, decodeTokensPerSecond: number) => ({
    ttftMs,
    prefillTokensPerSecond,
    decodeTokensPerSecond,
  })

  it('compares medians; the ratio says how many times ours is better', () => {
    const exo = { runs: [run(10, 1_000, 200), run(30, 3_000, 100), run(20, 2_000, 150)], peakMemoryBytes: 400e6 }
    const peer = { runs: [run(200, 100, 75), run(200, 100, 75), run(200, 100, 75)], peakMemoryBytes: 800e6 }
    expect(compareContestants(exo, peer)).toEqual([
      { figure: 'decodeTokensPerSecond', exo: 150, peer: 75, advantageRatio: 2 },
      { figure: 'prefillTokensPerSecond', exo: 2_000, peer: 100, advantageRatio: 20 },
      { figure: 'ttftMs', exo: 20, peer: 200, advantageRatio: 10 },
      { figure: 'peakMemoryMB', exo: 400, peer: 800, advantageRatio: 2 },
    ])
  })
})
