import { createUtf8Joiner } from './utf8-joiner.ts'

/** The parts of a vocabulary that a detokenizer needs. */
export interface TokenTexts {
  /** The token's own bytes, which need not be complete characters. */
  tokenBytes(tokenId: number): Uint8Array
  isSpecial(tokenId: number): boolean
  /** The decoder drops one space at the very start of a text (SentencePiece). */
  readonly stripsLeadingSpace: boolean
}

/** Converts token ids to text as they arrive. */
export interface StreamDetokenizer {
  /** The text that is final; empty while a character is incomplete. */
  push(tokenId: number): string
  /** The rest, at the end of the generation. */
  flush(): string
}

const SPACE = 0x20

/**
 * @param options.specialTokens - whether special tokens (`<|im_end|>`) are part of the text
 */
export function createStreamDetokenizer(texts: TokenTexts, options: { readonly specialTokens: 'skip' | 'show' }): StreamDetokenizer {
  const joiner = createUtf8Joiner()
  let isAtStart = texts.stripsLeadingSpace
  return {
    push: (tokenId) => {
      if (options.specialTokens === 'skip' && texts.isSpecial(tokenId)) return ''
      const bytes = texts.tokenBytes(tokenId)
      if (!isAtStart || bytes.length === 0) return joiner.push(bytes)
      isAtStart = false
      return joiner.push(bytes[0] === SPACE ? bytes.subarray(1) : bytes)
    },
    flush: () => joiner.flush(),
  }
}

/** The text of a complete sequence. */
export function detokenize(texts: TokenTexts, tokenIds: readonly number[], options: { readonly specialTokens: 'skip' | 'show' }): string {
  const detokenizer = createStreamDetokenizer(texts, options)
  return tokenIds.map((tokenId) => detokenizer.push(tokenId)).join('') + detokenizer.flush()
}
