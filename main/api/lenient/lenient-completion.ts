import { isRecord } from './json-record.ts'
import { lenientSettings, withLimitAs } from './lenient-settings.ts'

/**
 * Converts a text completion of any client to the shape of `CompletionRequest`. 0 tokens asks only about the prompt; -1
 * means up to the end of the context.
 */
export function lenientCompletion(given: unknown): unknown {
  if (!isRecord(given)) return given
  const body = lenientSettings(withLimitAs('max_tokens', given))
  const { max_tokens: maxTokens, logprobs } = given
  // The switch of a chat: only the chosen token's.
  if (typeof logprobs === 'boolean') body['logprobs'] = logprobs ? 0 : null
  if (maxTokens === 0) body['max_tokens'] = 0
  if (maxTokens === -1) body['max_tokens'] = Number.MAX_SAFE_INTEGER
  return body
}
