import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import { type TokenTable, tokenBytesOf } from './token-table.ts'

/** The vocabulary for grammars: special tokens have no text there, since no answer contains them. */
export function grammarVocabulary(table: TokenTable): TokenVocabulary {
  const tokens = Array.from(table.special, (isSpecial, tokenId) => (isSpecial === 1 ? new Uint8Array() : tokenBytesOf(table, tokenId)))
  const ends = Buffer.alloc(tokens.length * 4)
  let end = 0
  tokens.forEach((bytes, tokenId) => ends.writeUInt32LE((end += bytes.length), tokenId * 4))
  return { bytes: Buffer.concat(tokens).toString('base64'), ends: ends.toString('base64') }
}
