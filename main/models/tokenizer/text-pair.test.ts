import { describe, expect, it } from 'vitest'
import { wordPieceTokenizer } from './formats/word-piece-tokenizer.ts'
import { createTextEncoder } from './text-encoder.ts'
import { cutText, encodeClassifierPair, encodeJudgedPair } from './text-pair.ts'

const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'hello', 'world', 'un', '##aff', '##able', '!', 'cafe', 'a', 'b', 'query']
const encoder = createTextEncoder(wordPieceTokenizer(`${VOCABULARY.join('\n')}\n`, { do_lower_case: true }), {})
const words = (ids: readonly number[]): string => ids.map((id) => VOCABULARY[id]).join(' ')
const pair = (query: string, document: string) => ({ query, document, instruction: null, documentTokens: null })

describe("BERT's vocab.txt", () => {
  it('cuts words into pieces, without case and accents', () => {
    expect(words(encoder.encode('Hello Unaffable CAFÉ! strange', true))).toBe('[CLS] hello un ##aff ##able cafe ! [UNK] [SEP]')
    expect(words(encoder.encode('hello', false))).toBe('hello')
  })
})

describe('a pair for a classifier', () => {
  it('has the segments of its texts', () => {
    const { tokenIds, secondTokens } = encodeClassifierPair(pair('hello', 'world !'), encoder, 64)
    expect([words(tokenIds), secondTokens]).toEqual(['[CLS] hello [SEP] world ! [SEP]', 3])
  })

  it('loses the end of a document that does not fit, and keeps what closes it', () => {
    const document = 'world '.repeat(50)
    expect(words(encodeClassifierPair(pair('hello', document), encoder, 6).tokenIds)).toBe('[CLS] hello [SEP] world world [SEP]')
    expect(words(encodeClassifierPair({ ...pair('hello', document), documentTokens: 1 }, encoder, 64).tokenIds)).toBe(
      '[CLS] hello [SEP] world [SEP]',
    )
    expect(encodeClassifierPair(pair('hello', ''), encoder, 64).secondTokens).toBeLessThanOrEqual(1)
  })

  it('is refused where the query alone is too long', () => {
    expect(() => encodeClassifierPair(pair('hello '.repeat(9), 'world'), encoder, 8)).toThrow(/12 tokens.*8/)
  })

  it('is refused by name where a decoder has no words for yes and no', () => {
    expect(() => encodeJudgedPair(pair('a', 'b'), encoder, 64)).toThrow(expect.objectContaining({ code: 'model-purpose' }))
  })
})

it('a text that is cut keeps the tokens that close it', () => {
  expect(cutText([2, 7, 7, 7, 3], [2, 3], 4)).toEqual([2, 7, 7, 3])
  expect(cutText([7, 7, 7, 3], [3], 2)).toEqual([7, 3])
  expect(cutText([2, 7], [2], 4)).toEqual([2, 7])
  expect(cutText([7, 7, 7], [], 2)).toEqual([7, 7])
})
