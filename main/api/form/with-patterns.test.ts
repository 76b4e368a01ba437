import { describe, expect, it } from 'vitest'
import { askPatternThread } from './ask-pattern-thread.ts'
import { SlowPattern } from './match-pattern.ts'
import { withPatterns } from './with-patterns.ts'

/** Takes twice as long with each further letter. */
const SLOW = '^(a+)+$'
const hopeless = `${'a'.repeat(60)}b`

describe('a check that matches patterns', () => {
  it('has the answers of quick ones at once', async () => {
    expect(await withPatterns((matches) => [matches('^a+$', 'aaa'), matches('^a+$', 'b')])).toEqual([true, false])
  })

  it('has the answer of one that takes a while from a thread', async () => {
    let asked = 0
    const answer = await withPatterns((matches) => {
      asked += 1
      // Simulates a slow pattern: the first test fails, however fast the machine is.
      if (asked === 1) throw new SlowPattern('^(a+)+$', 'aaab')
      return matches('^(a+)+$', 'aaab')
    })
    expect([asked, answer]).toEqual([2, false])
    expect(await askPatternThread([{ pattern: '^a+$', texts: ['aaa', 'b'] }], 10_000)).toEqual([[true, false]])
  })

  it('ends for one that never would, while the node goes on', async () => {
    let turns = 0
    const timer = setInterval(() => (turns += 1), 5)
    try {
      await expect(withPatterns((matches) => matches(SLOW, hopeless))).rejects.toMatchObject({ code: 'invalid-request' })
    } finally {
      clearInterval(timer)
    }
    // If it had been blocked for the whole second, the event loop would have run only once or twice.
    expect(turns).toBeGreaterThan(10)
  })

  it('refuses what is not a regular expression, and more than may wait', async () => {
    await expect(withPatterns((matches) => matches('(', 'x'))).rejects.toMatchObject({ code: 'invalid-request' })
    const slow = { pattern: '^(a|a)*$', texts: [`${'a'.repeat(30)}b`] }
    const asked = await Promise.allSettled(Array.from({ length: 18 }, () => askPatternThread([slow], 100)))
    const codes = asked.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'answered'))
    expect(codes.filter((code) => code === 'engine-busy')).toHaveLength(2)
  }, 60_000)
})
