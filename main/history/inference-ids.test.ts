import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createInferenceIds, ORIGINS } from './inference-ids.ts'

const origin = fc.integer({ min: 0, max: ORIGINS - 1 })
const time = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2080, 0) })

describe('inference ids', () => {
  it('increase even if the clock does not, and fit a BIGINT', () => {
    fc.assert(
      fc.property(origin, fc.array(time, { minLength: 1, maxLength: 50 }), (from, times) => {
        const ids = createInferenceIds(from)
        let last = 0n
        for (const atMs of times) {
          const id = ids.next(atMs)
          expect(id > last && id < 2n ** 63n).toBe(true)
          last = id
        }
      }),
    )
  })

  it('of two origins never meet', () => {
    fc.assert(
      fc.property(origin, origin, time, (a, b, atMs) => {
        fc.pre(a !== b)
        const [first, second] = [createInferenceIds(a), createInferenceIds(b)]
        const all = Array.from({ length: 600 }, () => [first.next(atMs), second.next(atMs)]).flat()
        expect(new Set(all).size).toBe(1_200)
      }),
      { numRuns: 20 },
    )
  })

  it('sort by time across nodes', () => {
    fc.assert(fc.property(origin, origin, time, (a, b, atMs) => createInferenceIds(a).next(atMs) < createInferenceIds(b).next(atMs + 1)))
  })
})
