import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteRange, cutRange, intersectRanges, joinRanges, lengthOf, subtractRanges } from './byte-ranges.ts'

const ranges = fc.array(
  fc.tuple(fc.nat(60), fc.nat(12)).map(([start, length]) => ({ start, end: start + length })),
  { maxLength: 8 },
)
const bytesOf = (list: readonly ByteRange[]): Set<number> =>
  new Set(list.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)))
const isJoined = (list: readonly ByteRange[]): boolean =>
  list.every(({ start, end }, index) => end > start && (index === 0 || start > (list[index - 1]?.end ?? 0)))

describe('byte ranges are sets of bytes', () => {
  it('joined, subtracted, intersected, counted', () => {
    fc.assert(
      fc.property(ranges, ranges, (first, second) => {
        const [a, b] = [joinRanges(first), joinRanges(second)]
        const [inA, inB] = [bytesOf(first), bytesOf(second)]
        expect(isJoined(a)).toBe(true)
        expect(bytesOf(a)).toEqual(inA)
        expect(lengthOf(a)).toBe(inA.size)
        expect(bytesOf(subtractRanges(a, b))).toEqual(new Set([...inA].filter((byte) => !inB.has(byte)).sort((x, y) => x - y)))
        expect(bytesOf(intersectRanges(a, b))).toEqual(new Set([...inA].filter((byte) => inB.has(byte)).sort((x, y) => x - y)))
        expect(isJoined(intersectRanges(a, b))).toBe(true)
      }),
    )
  })

  it('cut into pieces', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 30 }), (start, length, maxBytes) => {
        const pieces = cutRange({ start, end: start + length }, maxBytes)
        expect(pieces.every((piece) => piece.end - piece.start <= maxBytes)).toBe(true)
        expect(joinRanges(pieces)).toEqual(joinRanges([{ start, end: start + length }]))
        expect(pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0)).toBe(length)
      }),
    )
  })
})
