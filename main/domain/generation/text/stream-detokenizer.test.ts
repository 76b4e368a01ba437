import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStreamDetokenizer, detokenize, type TokenTexts } from './stream-detokenizer.ts'

const encoder = new TextEncoder()

/** A vocabulary whose ids are the indexes of `tokens`; names in `<>` are special. */
function vocabulary(tokens: readonly (string | Uint8Array)[], stripsLeadingSpace: boolean): TokenTexts {
  const bytes = tokens.map((token) => (typeof token === 'string' ? encoder.encode(token) : token))
  return {
    tokenBytes: (tokenId) => bytes[tokenId] ?? new Uint8Array(),
    isSpecial: (tokenId) => /^<.*>$/.test(String(tokens[tokenId])),
    stripsLeadingSpace,
  }
}

describe('createStreamDetokenizer', () => {
  it('shows a character when its last byte has come', () => {
    const texts = vocabulary([Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x98), Uint8Array.of(0x80, 0x21)], false)
    const detokenizer = createStreamDetokenizer(texts, { specialTokens: 'skip' })
    expect([0, 1, 2].map((tokenId) => detokenizer.push(tokenId))).toEqual(['', '', '😀!'])
  })

  it('strips one space at the very start where the vocabulary says so', () => {
    const tokens = ['<s>', ' a', ' ', 'b']
    const text = (ids: number[], strips: boolean): string => detokenize(vocabulary(tokens, strips), ids, { specialTokens: 'skip' })
    expect([text([0, 1, 1], true), text([1, 1], false), text([2, 1], true), text([3, 2, 1], true)]).toEqual(['a a', ' a a', ' a', 'b  a'])
  })

  it('skips or shows special tokens', () => {
    const texts = vocabulary(['<|im_end|>', 'x'], false)
    expect([detokenize(texts, [1, 0, 1], { specialTokens: 'skip' }), detokenize(texts, [1, 0], { specialTokens: 'show' })]).toEqual([
      'xx',
      'x<|im_end|>',
    ])
  })

  it('gives the bytes of all tokens, joined', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 6 }), { minLength: 1 }), fc.array(fc.nat()), (tokens, picks) => {
        const ids = picks.map((pick) => pick % tokens.length)
        const joined = Buffer.concat(ids.map((id) => tokens[id]!))
        expect(detokenize(vocabulary(tokens, false), ids, { specialTokens: 'show' })).toBe(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(joined),
        )
      }),
    )
  })
})
