import type { Sampling } from '../shared/inference/generation.ts'
import type { TokenRules } from '../shared/inference/token-rules.ts'
import type { TokenizerPort } from './router-ports.ts'
import { refuseUnknownIds } from './refuse-unknown-ids.ts'

/** The part of a request's rules that the engine enforces. */
export type TokenLimits = Pick<Sampling, 'allowedTokenIds' | 'bannedSequences' | 'minTokens'>

const MOST_TOKENS = 2 ** 31 - 1

/**
 * The encodings of a word, at the start of a text and after a space. As in vLLM, the second counts only if it has the
 * same length and a different first token.
 */
async function spellings(word: string, tokenizer: Pick<TokenizerPort, 'encode'>, signal: AbortSignal): Promise<number[][]> {
  const encode = async (text: string): Promise<number[]> => [...(await tokenizer.encode(text, signal, { addSpecialTokens: false }))]
  const bare = await encode(word.trimStart())
  const spaced = await encode(` ${word.trimStart()}`)
  return [bare, ...(spaced.length === bare.length && spaced[0] !== bare[0] ? [spaced] : [])].filter((ids) => ids.length > 0)
}

/** @throws AppError `invalid-request` for ids that the vocabulary lacks */
export async function tokenLimits(
  { allowedTokenIds, badWords = [], minTokens }: TokenRules,
  tokenizer: Pick<TokenizerPort, 'encode' | 'vocabSize'>,
  signal: AbortSignal,
): Promise<TokenLimits> {
  refuseUnknownIds(allowedTokenIds ?? [], tokenizer.vocabSize, 'allowed_token_ids')
  const bannedSequences: number[][] = []
  for (const word of badWords) bannedSequences.push(...(await spellings(word, tokenizer, signal)))
  return {
    ...(allowedTokenIds ? { allowedTokenIds: [...allowedTokenIds] } : {}),
    ...(bannedSequences.length > 0 ? { bannedSequences } : {}),
    ...(minTokens ? { minTokens: Math.min(minTokens, MOST_TOKENS) } : {}),
  }
}
