import { AppError } from '../../shared/app-error.ts'

export interface TokenDemand {
  readonly promptTokens: number
  readonly contextTokens: number
  /** null: as many as fit. */
  readonly maxTokens: number | null
}

/**
 * How many tokens an answer may have: what was asked for, cut to what the context has left.
 *
 * @throws AppError `context-exceeded` when the prompt leaves no room for one token, where one was asked for
 */
export function allowTokens({ promptTokens, contextTokens, maxTokens }: TokenDemand): number {
  const restTokens = contextTokens - promptTokens
  if (restTokens < 0 || (restTokens === 0 && maxTokens !== 0)) {
    throw new AppError(
      'context-exceeded',
      `This model's context holds ${contextTokens} tokens, and the prompt has ${promptTokens}. Shorten the prompt, or give the model a longer context: exo --context TOKENS, or context_tokens in POST /place_instance.`,
      { promptTokens, contextTokens, maxTokens },
    )
  }
  return Math.min(maxTokens ?? restTokens, restTokens)
}
