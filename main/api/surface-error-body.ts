import { anthropicError } from './anthropic/anthropic-error.ts'
import type { ApiError } from './api-error.ts'
import { errorBody } from './api-error.ts'

type Headers = Readonly<Record<string, unknown>>

/** Routes that OpenAI's and Anthropic's clients call. */
const OF_BOTH = /^\/v1\/(models|files|skills|complete|organizations)(\/|$)/

/** Anthropic's clients send the version of its API with every request. */
export const isOfAnthropic = (headers: Headers): boolean => headers['anthropic-version'] !== undefined

/** The error format that clients of a path expect, also for paths without a route. */
export function surfaceErrorBody(path: string, headers: Headers, requestId: string): (error: ApiError) => unknown {
  if (/^\/ollama(\/|$)/.test(path)) return ({ message }) => ({ error: message })
  const isAnthropic = /^\/v1\/messages(\/|$)/.test(path) || (OF_BOTH.test(path) && isOfAnthropic(headers))
  return isAnthropic ? (error) => ({ ...anthropicError(error), request_id: requestId }) : errorBody
}
