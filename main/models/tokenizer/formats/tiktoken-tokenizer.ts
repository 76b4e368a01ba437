import { z } from 'zod'
import { AppError } from '../../../shared/app-error.ts'
import { rankedTokenizer } from './ranked-bpe.ts'

/** Ids that Kimi reserves after its vocabulary, named or not. */
const RESERVED_IDS = 256
const SPACE = '\\p{White_Space}'
const NOT_HAN = '(?!\\p{Script=Han})'
const UPPER = `(?:${NOT_HAN}[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}])`
const LOWER = `(?:${NOT_HAN}[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}])`
const CONTRACTION = "(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])?"

/** How Kimi's own tokenizer splits text. The model's files do not contain the pattern. */
const KIMI_PATTERN = [
  '\\p{Script=Han}+',
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${CONTRACTION}`,
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${CONTRACTION}`,
  '\\p{N}{1,3}',
  ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n]*`,
  `${SPACE}*[\\r\\n]+`,
  `${SPACE}+(?!\\P{White_Space})`,
  `${SPACE}+`,
].join('|')

const AddedTokens = z
  .record(z.string().regex(/^\d+$/), z.looseObject({ content: z.string(), special: z.boolean().default(true) }))
  .catch({})

/**
 * Converts Kimi's `tiktoken.model`, whose lines hold a base64 token and its rank, into tokenizer.json.
 *
 * @throws AppError `model-damaged`
 */
export function tiktokenTokenizer(file: string, tokenizerConfig: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const damaged = (why: string): AppError => new AppError('model-damaged', `The tiktoken.model of the model ${why}. Fetch the model again.`)
  const lines = file.split('\n').filter((line) => line !== '')
  const tokens = lines.map((line, index) => {
    const [text = '', rank] = line.trimEnd().split(' ')
    if (Number(rank) !== index || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw damaged(`is wrong in line ${index + 1}`)
    return new Uint8Array(Buffer.from(text, 'base64'))
  })
  if (tokens.length === 0) throw damaged('holds no tokens')
  const named = AddedTokens.parse(tokenizerConfig['added_tokens_decoder'] ?? {})
  const reserved = Array.from({ length: RESERVED_IDS }, (_, index) => {
    const id = tokens.length + index
    const token = named[String(id)]
    return { id, content: token?.content ?? `<|reserved_token_${id}|>`, special: token?.special ?? true }
  })
  return rankedTokenizer({ tokens, firstId: 0, pattern: KIMI_PATTERN, addedTokens: reserved })
}
