import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createUtf8Joiner } from './utf8-joiner.ts'

/** Splits `bytes` at the given positions and joins the pieces again. */
function joinPieces(bytes: Uint8Array, cuts: readonly number[]): string {
  const joiner = createUtf8Joiner()
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return (
    places
      .slice(1)
      .map((place, index) => joiner.push(bytes.subarray(places[index], place)))
      .join('') + joiner.flush()
  )
}

const cuts = fc.array(fc.nat())
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

describe('createUtf8Joiner', () => {
  it('gives back any text, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), cuts, (text, places) => joinPieces(new TextEncoder().encode(text), places) === text),
    )
  })

  it('treats invalid bytes as TextDecoder does, wherever they are cut', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 0xef, 0xbb))
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(byte), cuts, (random, likely, places) => {
        for (const bytes of [random, Uint8Array.from(likely)]) expect(joinPieces(bytes, places)).toBe(decode(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  it('shows no part of a character', () => {
    const joiner = createUtf8Joiner()
    const shown = [...new TextEncoder().encode('a€😀')].map((byte) => joiner.push(Uint8Array.of(byte)))
    expect(shown).toEqual(['a', '', '', '€', '', '', '', '😀'])
  })

  it('starts again after flush', () => {
    const joiner = createUtf8Joiner()
    expect([joiner.push(Uint8Array.of(0xe2, 0x82)), joiner.flush(), joiner.push(Uint8Array.of(0x61)), joiner.flush()]).toEqual([
      '',
      '\ufffd',
      'a',
      '',
    ])
  })
})
