import type { SampledToken } from '../shared/inference/generation.ts'
import type { TextToken } from '../shared/inference/inference.ts'
import type { TokenizerPort } from './router-ports.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Adds the text of each token. Part of a character appears as U+FFFD; the bytes are exact. */
export function toTextToken(token: SampledToken, tokenizer: Pick<TokenizerPort, 'tokenBytes'>): TextToken {
  const withText = <Token extends { readonly tokenId: number }>(entry: Token): Token & { text: string; bytes: number[] } => {
    const bytes = tokenizer.tokenBytes(entry.tokenId)
    return { ...entry, text: decoder.decode(bytes), bytes: [...bytes] }
  }
  return { ...withText(token), topLogprobs: token.topLogprobs.map(withText) }
}
