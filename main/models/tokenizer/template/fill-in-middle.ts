import { AppError } from '../../../shared/app-error.ts'

/** Markers are written literally; `prefix` and `suffix` are the user's texts. */
type Order = readonly (string | { readonly text: 'prefix' | 'suffix' })[]

const prefix = { text: 'prefix' } as const
const suffix = { text: 'suffix' } as const

/** The prompt formats of fill-in-the-middle models, identified by the tokens of each family. */
const ORDERS: readonly Order[] = [
  ['<|fim_prefix|>', prefix, '<|fim_suffix|>', suffix, '<|fim_middle|>'],
  ['<fim_prefix>', prefix, '<fim_suffix>', suffix, '<fim_middle>'],
  ['<fim-prefix>', prefix, '<fim-suffix>', suffix, '<fim-middle>'],
  ['<[fim-suffix]>', suffix, '<[fim-prefix]>', prefix, '<[fim-middle]>'],
  ['<｜fim▁begin｜>', prefix, '<｜fim▁hole｜>', suffix, '<｜fim▁end｜>'],
  ['<|code_prefix|>', prefix, '<|code_suffix|>', suffix, '<|code_middle|>'],
  ['[SUFFIX]', suffix, '[PREFIX]', prefix],
  ['▁<PRE>', prefix, '▁<SUF>', suffix, '▁<MID>'],
]

interface Encoder {
  idOf(token: string): number | undefined
  encode(text: string, addSpecialTokens: boolean): readonly number[]
}

/** Whether a model with these tokens supports fill-in-the-middle. */
export function fillsIn(hasToken: (token: string) => boolean): boolean {
  return ORDERS.some((order) => order.every((part) => typeof part !== 'string' || hasToken(part)))
}

/**
 * The token ids that ask a model for the text between two texts.
 *
 * @param bosTokenId - if the tokenizer starts its texts with one
 * @throws AppError `invalid-request` if the model's tokenizer has no tokens for it
 */
export function fillInMiddle(
  texts: { readonly prefix: string; readonly suffix: string },
  { idOf, encode }: Encoder,
  bosTokenId: number | null,
): number[] {
  const order = ORDERS.find((candidate) => candidate.every((part) => typeof part !== 'string' || idOf(part) !== undefined))
  if (!order) {
    throw new AppError(
      'invalid-request',
      "This model cannot fill in text between 'prompt' and 'suffix': its tokenizer has no tokens for that. " +
        "Omit 'suffix', or use a model trained for it, such as Qwen2.5-Coder.",
      { param: 'suffix' },
    )
  }
  const ids = order.flatMap((part) => (typeof part === 'string' ? [idOf(part) ?? 0] : encode(texts[part.text], false)))
  return bosTokenId !== null && encode('', true)[0] === bosTokenId ? [bosTokenId, ...ids] : ids
}
