import { afterThought } from '../domain/generation/form/after-thought.ts'
import { AppError } from '../shared/app-error.ts'
import type { TokenGrammar } from '../shared/inference/grammar.ts'
import type { InferenceRequest } from '../shared/inference/inference.ts'
import type { EncodedPrompt, TokenizerPort } from './router-ports.ts'

/**
 * The grammar of a request's answers in the tokens of its model, which ends them even with `ignoreEos`; null: they are free.
 *
 * @throws AppError `grammar-unsupported` if nothing could end an answer
 */
export function tokenGrammar(
  { grammar, prompt: { kind } }: Pick<InferenceRequest, 'grammar' | 'prompt'>,
  prompt: EncodedPrompt,
  tokenizer: Pick<TokenizerPort, 'eosTokenIds' | 'hasToken'>,
): TokenGrammar | null {
  if (grammar === undefined) return null
  if (tokenizer.eosTokenIds.length === 0)
    throw new AppError('grammar-unsupported', 'This model has no token that ends an answer, so that its answers cannot follow a grammar.')
  const hasToken = (text: string): boolean => kind === 'messages' && tokenizer.hasToken?.(text) === true
  return { ...afterThought(grammar, prompt.text, hasToken), endTokenIds: [...tokenizer.eosTokenIds] }
}
