import { isRecord } from './json-record.ts'
import { lenientSettings } from './lenient-settings.ts'

/**
 * A text completion of any client, in the shape of `CompletionRequest`. 0 tokens are a question about the prompt alone; -1 is to the end of
 * the context.
 */
export function lenientCompletion(given: unknown): unknown {
  if (!isRecord(given)) return given
  const body = lenientSettings(given)
  const { max_tokens: maxTokens } = given
  if (maxTokens === 0) body['max_tokens'] = 0
  if (maxTokens === -1) body['max_tokens'] = Number.MAX_SAFE_INTEGER
  return body
}
