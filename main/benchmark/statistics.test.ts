import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, percentile, percentiles } from './statistics.ts'

describe('percentiles', () => {
  it('lie between neighbours in proportion', () => {
    expect([
      percentile([10, 20, 30, 40], 0.5),
      percentile([4, 1, 3, 2], 0),
      percentile([4, 1, 3, 2], 1),
      percentile([7], 0.95),
      median([3, 1, 2]),
    ]).toEqual([25, 1, 4, 7, 2])
    expect(percentiles(Array.from({ length: 101 }, (_, index) => index))).toEqual({ p50: 50, p95: 95, p99: 99 })
  })
  it('of nothing are nothing', () => expect([percentile([], 0.5), percentiles([])]).toEqual([null, null]))
  it('grow with their share and stay within the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, a, b) => {
          const [low, high] = [percentile(values, Math.min(a, b))!, percentile(values, Math.max(a, b))!]
          expect(low).toBeLessThanOrEqual(high + 1e-6)
          expect(low).toBeGreaterThanOrEqual(Math.min(...values))
          expect(high).toBeLessThanOrEqual(Math.max(...values))
        },
      ),
    )
  })
})
