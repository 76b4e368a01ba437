import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromSignedSeed, toSignedSeed } from './signed-seed.ts'

it('holds every seed in a BIGINT and gives it back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (seed) => {
      const stored = toSignedSeed(seed.toString())
      expect(stored >= -(2n ** 63n) && stored < 2n ** 63n).toBe(true)
      expect(fromSignedSeed(stored)).toBe(seed.toString())
    }),
  )
  expect([
    toSignedSeed('0'),
    toSignedSeed('9223372036854775807'),
    toSignedSeed('9223372036854775808'),
    toSignedSeed('18446744073709551615'),
  ]).toEqual([0n, 2n ** 63n - 1n, -(2n ** 63n), -1n])
})
