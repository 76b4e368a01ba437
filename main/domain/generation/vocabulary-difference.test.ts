import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Vocabulary, vocabularyDifference } from './vocabulary-difference.ts'

const vocabulary = (tokens: readonly string[], vocabSize = tokens.length): Vocabulary => ({
  vocabSize,
  tokenBytes: (tokenId) => new TextEncoder().encode(tokens[tokenId] ?? ''),
})

describe('vocabularyDifference', () => {
  it.each([
    [['a', 'b'], ['a', 'b'], null],
    [['a', 'b'], ['a', 'c'], 1],
    [['a', 'b'], ['a'], 1],
    [['a', 'bc'], ['a', 'b'], 1],
    [[], ['a'], 0],
  ])('of %j and %j is %j', (left, right, difference) => expect(vocabularyDifference(vocabulary(left), vocabulary(right))).toBe(difference))

  it('takes padding of a larger table for nothing', () =>
    expect(vocabularyDifference(vocabulary(['a', 'b'], 5), vocabulary(['a', 'b'], 3))).toBeNull())

  it('is null for the same tokens, and the same whichever comes first', () => {
    const tokens = fc.array(fc.string({ maxLength: 4 }), { maxLength: 20 })
    fc.assert(
      fc.property(tokens, tokens, (left, right) => {
        const difference = vocabularyDifference(vocabulary(left), vocabulary(right))
        return (
          vocabularyDifference(vocabulary(left), vocabulary(left)) === null &&
          difference === vocabularyDifference(vocabulary(right), vocabulary(left)) &&
          (difference === null || left[difference] !== right[difference])
        )
      }),
    )
  })
})
