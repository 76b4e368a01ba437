import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStopFilter } from './stop-filter.ts'

/** The text that a client sees, and the stop string that ended it. */
function filterAll(pieces: readonly string[], stops: readonly string[]): { text: string; stopString: string | null } {
  const filter = createStopFilter(stops)
  let text = ''
  for (const piece of pieces) {
    const filtered = filter.push(piece)
    text += filtered.text
    if (filtered.stopString !== null) return { text, stopString: filtered.stopString }
  }
  return { text: text + filter.flush(), stopString: null }
}

/** The same result, found by checking every prefix of the whole text. */
function expectedOf(whole: string, stops: readonly string[]): { text: string; stopString: string | null } {
  for (let end = 1; end <= whole.length; end++) {
    const ending = stops.filter((stop) => stop !== '' && whole.slice(0, end).endsWith(stop)).sort((a, b) => b.length - a.length)[0]
    if (ending !== undefined) return { text: whole.slice(0, end - ending.length), stopString: ending }
  }
  return { text: whole, stopString: null }
}

const fewLetters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 })
const pieces = fc.array(fewLetters, { maxLength: 12 })
const stops = fc.array(fewLetters, { maxLength: 4 })

describe('createStopFilter', () => {
  it('ends the text before the stop string that is complete first, however it is cut', () => {
    fc.assert(
      fc.property(pieces, stops, (some, stopStrings) => {
        expect(filterAll(some, stopStrings)).toEqual(expectedOf(some.join(''), stopStrings))
      }),
      { numRuns: 3000 },
    )
  })

  it('holds back only what may still become a stop string', () => {
    fc.assert(
      fc.property(pieces, stops, (some, stopStrings) => {
        const filter = createStopFilter(stopStrings)
        let whole = ''
        let shown = ''
        for (const piece of some) {
          whole += piece
          const { text, stopString } = filter.push(piece)
          if (stopString !== null) return
          shown += text
          const held = whole.slice(shown.length)
          expect(shown + held).toBe(whole)
          if (held !== '') expect(stopStrings.some((stop) => stop.length > held.length && stop.startsWith(held))).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('passes everything without stop strings', () => {
    expect(filterAll(['a', '', 'bc'], ['', ''])).toEqual({ text: 'abc', stopString: null })
  })
})
