import { createStopFilter } from '../domain/generation/text/stop-filter.ts'
import { createStreamDetokenizer } from '../domain/generation/text/stream-detokenizer.ts'
import type { SampledToken } from '../shared/inference/generation.ts'
import type { InferencePart } from '../shared/inference/inference.ts'
import type { TokenRules } from '../shared/inference/token-rules.ts'
import type { TokenizerPort } from './router-ports.ts'
import { toTextToken } from './to-text-token.ts'

export type TextDelta = Extract<InferencePart, { type: 'text-delta' }>

/** The text of one choice and all its tokens so far, with which it can be resumed after a failure. */
export interface ChoiceText {
  readonly tokenIds: readonly number[]
  /** @returns `stopString` once a stop string is complete; text after it is not part of the choice */
  push(token: SampledToken): { readonly delta: TextDelta; readonly stopString: string | null }
  /** The withheld text at the end; null if there is none. */
  flush(): TextDelta | null
}

export interface ChoiceTextOptions extends Pick<TokenRules, 'minTokens' | 'showsStop' | 'showsSpecialTokens'> {
  readonly stop: readonly string[]
  readonly stopTokenIds: readonly number[]
}

export function createChoiceText(
  choiceIndex: number,
  tokenizer: TokenizerPort,
  { stop, stopTokenIds, minTokens = 0, showsStop = false, showsSpecialTokens = false }: ChoiceTextOptions,
): ChoiceText {
  const detokenizer = createStreamDetokenizer(tokenizer, { specialTokens: showsSpecialTokens || showsStop ? 'show' : 'skip' })
  /** A token that ends the answer is included only if it is text, or if the client requests it. */
  const isHidden = (tokenId: number): boolean =>
    tokenizer.isSpecial(tokenId) && (stopTokenIds.includes(tokenId) ? !showsStop : !showsSpecialTokens)
  const filter = createStopFilter(stop)
  const tokenIds: number[] = []
  return {
    tokenIds,
    push: (token) => {
      tokenIds.push(token.tokenId)
      const hidden = isHidden(token.tokenId)
      const pushed = hidden ? '' : detokenizer.push(token.tokenId)
      const { text: shown, stopString } = tokenIds.length < minTokens ? { text: pushed, stopString: null } : filter.push(pushed)
      const text = showsStop && stopString !== null ? shown + stopString : shown
      const told = toTextToken(token, tokenizer)
      return { delta: { type: 'text-delta', choiceIndex, text, tokens: [hidden ? { ...told, isHidden: true } : told] }, stopString }
    },
    flush: () => {
      const { text, stopString } = filter.push(detokenizer.flush())
      const rest = stopString === null ? text + filter.flush() : text
      return rest === '' ? null : { type: 'text-delta', choiceIndex, text: rest, tokens: [] }
    },
  }
}
