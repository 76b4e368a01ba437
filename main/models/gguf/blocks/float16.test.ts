import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float16Values, toBfloat16Bits, toFloat16Bits } from './float16.ts'

const isNumber = (bits: number): boolean => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0

describe('half precision', () => {
  it('gives every value its own bits back', () => {
    const values = float16Values()
    const wrong = Array.from({ length: 65536 }, (_, bits) => bits).filter((bits) => isNumber(bits) && toFloat16Bits(values[bits]!) !== bits)
    expect(wrong).toEqual([])
  })

  it('knows some values by heart', () => {
    const values = float16Values()
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00].map((bits) => values[bits])).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14,
      Infinity,
      -Infinity,
    ])
    expect([65519, 65520, 2 ** -25, 1.5 * 2 ** -24, NaN, 2 ** -26].map(toFloat16Bits)).toEqual([0x7bff, 0x7c00, 0, 2, 0x7e00, 0])
  })

  it('rounds to the nearest value', () => {
    const values = float16Values()
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), (value) => {
        const bits = toFloat16Bits(value)
        const error = Math.abs(values[bits]! - value)
        return [bits - 1, bits + 1].every((near) => !isNumber(near & 0xffff) || error <= Math.abs(values[near & 0xffff]! - value))
      }),
    )
  })
})

describe('toBfloat16Bits', () => {
  it('rounds to nearest, ties to even', () => {
    expect([1, -1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, Infinity].map(toBfloat16Bits)).toEqual([0x3f80, 0xbf80, 0x3f80, 0x3f82, 0x7f80])
    expect(toBfloat16Bits(NaN) & 0x7fff).toBe(0x7fc0)
  })
})
