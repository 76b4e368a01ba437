import { describe, expect, it } from 'vitest'
import { fillInMiddle } from './fill-in-middle.ts'

const BOS = 1
/** A letter's id is its code; a special token's id is 1000 plus its index in the list. */
const encoderOf = (tokens: readonly string[], addsBos = false) => ({
  idOf: (token: string) => (tokens.includes(token) ? 1000 + tokens.indexOf(token) : undefined),
  encode: (text: string, addSpecialTokens: boolean) => [
    ...(addSpecialTokens && addsBos ? [BOS] : []),
    ...[...text].map((letter) => letter.codePointAt(0) ?? 0),
  ],
})
const texts = { prefix: 'a', suffix: 'z' }

describe('A22 filling in the middle', () => {
  it.each([
    ['Qwen', ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'], [1000, 97, 1001, 122, 1002]],
    ['StarCoder', ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'], [1000, 97, 1001, 122, 1002]],
    ['DeepSeek', ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'], [1000, 97, 1001, 122, 1002]],
    ['Codestral', ['[PREFIX]', '[SUFFIX]'], [1001, 122, 1000, 97]],
    ['Code Llama', ['▁<PRE>', '▁<SUF>', '▁<MID>'], [1000, 97, 1001, 122, 1002]],
  ])('asks %s in its own order', (_, tokens, ids) => {
    expect(fillInMiddle(texts, encoderOf(tokens), BOS)).toEqual(ids)
    expect(fillInMiddle(texts, encoderOf(tokens, true), BOS)).toEqual([BOS, ...ids])
  })

  it('is refused by name where a token lacks', () => {
    expect(() => fillInMiddle(texts, encoderOf(['<|fim_prefix|>', '<|fim_suffix|>']), null)).toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringContaining("'suffix'"), details: { param: 'suffix' } }),
    )
  })
})
