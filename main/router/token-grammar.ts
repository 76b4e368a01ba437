import { CALL_FORMS } from '../domain/generation/calls/call-forms.ts'
import { afterThought } from '../domain/generation/form/after-thought.ts'
import { callGrammar } from '../domain/generation/form/call-grammar.ts'
import { formatOf, structuralTag } from '../domain/generation/form/structural-tag.ts'
import { AppError } from '../shared/app-error.ts'
import type { Grammar, TokenGrammar } from '../shared/inference/grammar.ts'
import type { InferenceRequest } from '../shared/inference/inference.ts'
import type { EncodedPrompt, TokenizerPort } from './router-ports.ts'

/** The grammar of a request's whole answers. */
function grammarOf(
  { grammar, calls: rule, prompt: { kind } }: Pick<InferenceRequest, 'grammar' | 'calls' | 'prompt'>,
  prompt: EncodedPrompt,
  tokenizer: Pick<TokenizerPort, 'hasToken'>,
): Grammar | null {
  const text = grammar === undefined ? null : formatOf(grammar)
  const calls =
    rule === undefined
      ? null
      : callGrammar(CALL_FORMS[prompt.callForm ?? 'hermes'], { ...rule, isRequired: rule.isRequired || text !== null })
  if (text === null && calls === null) return null
  const hasToken = (words: string): boolean => kind === 'messages' && tokenizer.hasToken?.(words) === true
  const whole = afterThought({ text, calls }, prompt.text, hasToken)
  return grammar !== undefined && whole === text ? grammar : structuralTag(whole)
}

/**
 * The grammar of a request's answers in the tokens of its model, which ends them even with `ignoreEos`; null: they are free.
 *
 * @throws AppError `grammar-unsupported` if nothing could end an answer
 */
export function tokenGrammar(
  request: Pick<InferenceRequest, 'grammar' | 'calls' | 'prompt'>,
  prompt: EncodedPrompt,
  tokenizer: Pick<TokenizerPort, 'eosTokenIds' | 'hasToken'>,
): TokenGrammar | null {
  const grammar = grammarOf(request, prompt, tokenizer)
  if (grammar === null) return null
  if (tokenizer.eosTokenIds.length === 0)
    throw new AppError('grammar-unsupported', 'This model has no token that ends an answer, so that its answers cannot follow a grammar.')
  return { ...grammar, endTokenIds: [...tokenizer.eosTokenIds] }
}
