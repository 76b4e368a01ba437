import { createStopFilter } from '../domain/generation/text/stop-filter.ts'
import { createStreamDetokenizer } from '../domain/generation/text/stream-detokenizer.ts'
import type { SampledToken } from '../shared/inference/generation.ts'
import type { InferencePart } from '../shared/inference/inference.ts'
import type { TokenizerPort } from './router-ports.ts'
import { toTextToken } from './to-text-token.ts'

export type TextDelta = Extract<InferencePart, { type: 'text-delta' }>

/** The text of one choice, and all tokens of it so far: with them it can be taken up again after a failure. */
export interface ChoiceText {
  readonly tokenIds: readonly number[]
  /** @returns `stopString` once one is complete; what comes after it is not part of the choice */
  push(token: SampledToken): { readonly delta: TextDelta; readonly stopString: string | null }
  /** What was held back, at the end; null when that is nothing. */
  flush(): TextDelta | null
}

export function createChoiceText(choiceIndex: number, tokenizer: TokenizerPort, stopStrings: readonly string[]): ChoiceText {
  const detokenizer = createStreamDetokenizer(tokenizer, { specialTokens: 'skip' })
  const filter = createStopFilter(stopStrings)
  const tokenIds: number[] = []
  return {
    tokenIds,
    push: (token) => {
      tokenIds.push(token.tokenId)
      const { text, stopString } = filter.push(detokenizer.push(token.tokenId))
      return { delta: { type: 'text-delta', choiceIndex, text, tokens: [toTextToken(token, tokenizer)] }, stopString }
    },
    flush: () => {
      const { text, stopString } = filter.push(detokenizer.flush())
      const rest = stopString === null ? text + filter.flush() : text
      return rest === '' ? null : { type: 'text-delta', choiceIndex, text: rest, tokens: [] }
    },
  }
}
