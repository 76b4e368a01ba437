import { AppError } from '../../shared/app-error.ts'

export interface TokenDemand {
  readonly promptTokens: number
  readonly contextTokens: number
  /** null: as many as fit. */
  readonly maxTokens: number | null
}

/**
 * The maximum number of answer tokens: the requested number, limited by the rest of the context.
 *
 * @throws AppError `context-exceeded` if the prompt leaves no room for a single token and at least one was requested
 */
export function allowTokens({ promptTokens, contextTokens, maxTokens }: TokenDemand): number {
  const restTokens = contextTokens - promptTokens
  if (restTokens < 0 || (restTokens === 0 && maxTokens !== 0)) {
    throw new AppError(
      'context-exceeded',
      `The model is loaded with a context of ${contextTokens} tokens, and the prompt has ${promptTokens}. Shorten the ` +
        'prompt, or load the model with a longer context: Choose placement under Models, exo --context TOKENS, or ' +
        'context_tokens in POST /place_instance.',
      { promptTokens, contextTokens, maxTokens },
    )
  }
  return Math.min(maxTokens ?? restTokens, restTokens)
}
