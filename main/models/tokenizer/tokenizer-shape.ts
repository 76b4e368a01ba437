import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import type { JsonFileObject } from './read-tokenizer-files.ts'

/** Far more than any model has. A table has an entry for each id up to the highest. */
const MOST_TOKENS = 1 << 22

const TokenId = z
  .int()
  .min(0)
  .max(MOST_TOKENS - 1)

/** The parts of tokenizer.json that are checked here. The library reads more and refuses anything that it does not understand. */
const TokenizerShape = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: TokenId, content: z.string(), special: z.boolean() }))
    .max(MOST_TOKENS)
    .nullish(),
  model: z.looseObject({
    /** BPE and WordPiece have a map; Unigram has pairs. */
    vocab: z.union([z.record(z.string(), TokenId), z.array(z.tuple([z.string(), z.number()])).max(MOST_TOKENS)]),
    merges: z
      .array(z.union([z.string(), z.tuple([z.string(), z.string()])]))
      .max(MOST_TOKENS)
      .nullish(),
  }),
})

/** @throws AppError `model-damaged` */
export function checkTokenizerShape(json: JsonFileObject): void {
  const checked = TokenizerShape.safeParse(json)
  if (checked.success) return
  const [issue] = checked.error.issues
  throw new AppError(
    'model-damaged',
    `The tokenizer.json of the model is invalid at ${issue?.path.join('.') ?? 'the top level'}: ${issue?.message ?? ''}.`,
  )
}
