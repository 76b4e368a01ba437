import type { InferenceRequest, Prompt } from '../../shared/inference/inference.ts'
import type { CompletionRequest } from '../../shared/wire/api/openai-completions.ts'
import { ApiError } from '../api-error.ts'
import { draftModelOf, toGenerationSettings } from '../prompt/generation-settings.ts'
import { FORM_FIELDS } from '../form/form-demand.ts'
import { refusedBut, refuseUnsupported } from '../prompt/refuse-unsupported.ts'
import { tokenRulesOf } from '../prompt/token-rules-of.ts'

/** OpenAI's default, which applies to text completions only. */
const DEFAULT_MAX_TOKENS = 16
const MOST_CHOICES = 2048
const REFUSED = refusedBut(FORM_FIELDS)

function toPrompts({ prompt, suffix, add_special_tokens: addSpecialTokens }: CompletionRequest): Prompt[] {
  const hasSuffix = typeof suffix === 'string' && suffix !== ''
  const fromText = (text: string): Prompt => ({
    kind: 'text',
    text,
    ...(hasSuffix ? { suffix } : {}),
    ...(addSpecialTokens === false ? { addSpecialTokens } : {}),
  })
  const fromIds = (tokenIds: number[]): Prompt => {
    if (hasSuffix) throw new ApiError(400, 'invalid_value', "'suffix' requires a text prompt, not token ids.", { param: 'suffix' })
    return { kind: 'token-ids', tokenIds }
  }
  if (typeof prompt === 'string') return [fromText(prompt)]
  if (isTokenIds(prompt)) return [fromIds(prompt)]
  return prompt.map((entry) => (typeof entry === 'string' ? fromText(entry) : fromIds(entry)))
}

function isTokenIds(prompt: string[] | number[] | number[][]): prompt is number[] {
  return typeof prompt[0] === 'number'
}

/**
 * One inference per prompt.
 *
 * @throws ApiError 400 for unsupported requests
 */
export function toCompletionInferences(body: CompletionRequest, requestId: string): InferenceRequest[] {
  refuseUnsupported(body, REFUSED)
  const prompts = toPrompts(body)
  const { choices, ...settings } = toGenerationSettings(body)
  const drawn = body.best_of ?? choices
  if (drawn < choices)
    throw new ApiError(400, 'invalid_value', `'best_of' must be at least 'n', which is ${choices}.`, { param: 'best_of' })
  if (prompts.length * drawn > MOST_CHOICES)
    throw new ApiError(400, 'invalid_value', `A request can have at most ${MOST_CHOICES} choices.`, { param: 'n' })
  return prompts.map((prompt, promptIndex) => ({
    requestId: prompts.length === 1 ? requestId : `${requestId}-${promptIndex}`,
    model: body.model,
    prompt,
    maxTokens: body.max_tokens ?? DEFAULT_MAX_TOKENS,
    ...settings,
    choices: drawn,
    topLogprobs: body.logprobs ?? (drawn > choices ? 0 : null),
    promptLogprobs: body.echo === true && typeof body.logprobs === 'number',
    ...tokenRulesOf(body),
    ...draftModelOf(body),
  }))
}
