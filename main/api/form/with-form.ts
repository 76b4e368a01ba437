import { uncertainKeyword } from '../../domain/generation/form/certain-schema.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { ApiError } from '../api-error.ts'
import { type AnswerDemand, grammarOf } from './answer-demand.ts'

/**
 * The requests with the grammar of the form that their answers must have, for prompts that are no chats: nobody is asked again there.
 *
 * @throws ApiError 400 for a form that no grammar holds, by its keyword
 */
export function withForm(requests: readonly InferenceRequest[], demand: AnswerDemand | null): readonly InferenceRequest[] {
  if (demand === null) return requests
  const uncertain = demand.kind === 'json' ? uncertainKeyword(demand.schema) : null
  const grammar = uncertain === null ? grammarOf(demand) : null
  if (grammar !== null) return requests.map((request) => ({ ...request, grammar }))
  const what = uncertain === null ? 'This pattern' : `The keyword '${uncertain.keyword}' at ${uncertain.path}`
  throw new ApiError(
    400,
    'unsupported_value',
    `${what} cannot be enforced while a text is completed. Leave it out, or use /v1/chat/completions, which checks answers afterwards.`,
  )
}
