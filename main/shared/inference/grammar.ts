import { z } from 'zod'
import { TokenId } from '../ids.ts'

/** The form of an answer that the engine enforces token by token, in one of xgrammar's notations. */
export const Grammar = z.strictObject({
  kind: z.enum(['json-schema', 'ebnf', 'regex', 'structural-tag']),
  text: z
    .string()
    .min(1)
    .max(2 ** 20),
})
export type Grammar = z.infer<typeof Grammar>

/** A grammar with the tokens of one model. */
export const TokenGrammar = Grammar.extend({
  /** Only these end the answer, and only where the grammar ends. */
  endTokenIds: z.array(TokenId).min(1).max(1024),
})
export type TokenGrammar = z.infer<typeof TokenGrammar>

const Base64 = z.string().max(2 ** 28)

/** The bytes of a model's tokens, for grammars. A token that is not text has none. */
export const TokenVocabulary = z.strictObject({
  /** The bytes of all tokens, one after the other, in base64. */
  bytes: Base64,
  /** The end of each token in `bytes`: unsigned 32-bit integers, little-endian, in base64. */
  ends: Base64,
})
export type TokenVocabulary = z.infer<typeof TokenVocabulary>
