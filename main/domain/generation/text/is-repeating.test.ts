import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRepeating } from './is-repeating.ts'

describe('isRepeating', () => {
  it.each(['a', '1234567890', '{"a": 1}, ', 'x'.repeat(47) + 'y'])('finds %j, written again and again after any text', (unit) => {
    fc.assert(
      fc.property(fc.string({ maxLength: 50 }), fc.nat(63), (before, cut) => {
        expect(isRepeating(before + unit.repeat(Math.ceil(330 / unit.length)).slice(0, 256 + cut))).toBe(true)
      }),
    )
  })

  it('finds nothing in text that goes on, however short its words', () => {
    const numbers = Array.from({ length: 300 }, (_, index) => index).join(', ')
    const rows = Array.from({ length: 40 }, (_, index) => `{"id": ${index}, "name": "item"}`).join(',\n')
    for (const text of ['', 'a'.repeat(255), numbers, rows, `${'a'.repeat(255)}b`, `${'x'.repeat(49)}${'y'.repeat(49)}`.repeat(9)])
      expect(isRepeating(text)).toBe(false)
  })
})
