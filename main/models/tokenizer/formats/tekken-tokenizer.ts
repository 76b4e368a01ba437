import { z } from 'zod'
import { AppError } from '../../../shared/app-error.ts'
import { rankedTokenizer } from './ranked-bpe.ts'

/** Each gets a place in tables, named or not. */
const MOST_SPECIAL = 65_536

const Tekken = z.object({
  config: z.object({
    pattern: z.string(),
    default_vocab_size: z.int().min(1),
    default_num_special_tokens: z.int().min(0).max(MOST_SPECIAL).default(1000),
  }),
  vocab: z.array(z.object({ rank: z.int().min(0), token_bytes: z.base64() })).min(1),
  special_tokens: z.array(z.object({ rank: z.int().min(0), token_str: z.string() })).nullish(),
})

/** Used when older files list none. */
const FIRST_SPECIAL = [
  '<unk>',
  '<s>',
  '</s>',
  '[INST]',
  '[/INST]',
  '[AVAILABLE_TOOLS]',
  '[/AVAILABLE_TOOLS]',
  '[TOOL_RESULTS]',
  '[/TOOL_RESULTS]',
  '[TOOL_CALLS]',
  '[IMG]',
  '<pad>',
  '[IMG_BREAK]',
  '[IMG_END]',
  '[PREFIX]',
  '[MIDDLE]',
  '[SUFFIX]',
  '[SYSTEM_PROMPT]',
  '[/SYSTEM_PROMPT]',
  '[TOOL_CONTENT]',
]

/**
 * Converts Mistral's `tekken.json` into tokenizer.json. Its special tokens precede all others.
 *
 * @throws AppError `model-damaged`
 */
export function tekkenTokenizer(file: unknown): Record<string, unknown> {
  const parsed = Tekken.safeParse(file)
  if (!parsed.success) throw new AppError('model-damaged', `The tekken.json of the model is wrong: ${z.prettifyError(parsed.error)}`)
  const { config, vocab, special_tokens: stated } = parsed.data
  const specials = config.default_num_special_tokens
  const count = config.default_vocab_size - specials
  if (count < 1 || vocab.length < count || vocab.some(({ rank }, index) => rank !== index)) {
    throw new AppError(
      'model-damaged',
      'The tekken.json of the model does not have every token of its vocabulary in order. Fetch the model again.',
    )
  }
  const names = new Map(
    (stated ?? FIRST_SPECIAL.map((token_str, rank) => ({ rank, token_str }))).map(({ rank, token_str }) => [rank, token_str]),
  )
  const tokens = vocab.slice(0, count).map(({ token_bytes: bytes }) => new Uint8Array(Buffer.from(bytes, 'base64')))
  const addedTokens = Array.from({ length: specials }, (_, id) => ({ id, content: names.get(id) ?? `<SPECIAL_${id}>`, special: true }))
  return rankedTokenizer({
    tokens,
    firstId: specials,
    pattern: config.pattern.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'),
    addedTokens,
  })
}
