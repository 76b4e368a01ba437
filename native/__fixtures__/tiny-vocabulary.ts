import type { TokenVocabulary } from '../../main/shared/inference/grammar.ts'

/** Some words of JSON; the ids before them are single bytes from 0x20 on, and 0 ends an answer. */
const WORDS = ['"name"', '": ', '", "', '{"', '"}', 'true', 'false', 'null', '12', '\n', '\t', 'é', ' ok', '｜', '▁']

export const END_TOKEN = 0

/** The texts of a tiny model's tokens. The last ids have none. */
const TINY_TOKENS: readonly string[] = ['', ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)), ...WORDS]

export function tinyVocabulary(): TokenVocabulary {
  const ends = Buffer.alloc(TINY_TOKENS.length * 4)
  let end = 0
  TINY_TOKENS.forEach((text, index) => ends.writeUInt32LE((end += Buffer.byteLength(text)), index * 4))
  return { bytes: Buffer.from(TINY_TOKENS.join('')).toString('base64'), ends: ends.toString('base64') }
}

export const tinyText = (tokenIds: readonly number[]): string => tokenIds.map((tokenId) => TINY_TOKENS[tokenId] ?? '�').join('')

/** @param text - the whole text of a token */
export const tinyTokenId = (text: string): number => TINY_TOKENS.indexOf(text, 1)
