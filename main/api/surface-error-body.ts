import { anthropicError } from './anthropic/anthropic-error.ts'
import type { ApiError } from './api-error.ts'
import { errorBody } from './api-error.ts'

type Headers = Readonly<Record<string, unknown>>

/** Anthropic's clients send the version of its API with every request. */
export const isOfAnthropic = (headers: Headers): boolean => headers['anthropic-version'] !== undefined

/** The error format that clients of a path expect, also for paths without a route. */
export function surfaceErrorBody(path: string, headers: Headers): (error: ApiError) => unknown {
  if (/^\/ollama(\/|$)/.test(path)) return ({ message }) => ({ error: message })
  return /^\/v1\/messages(\/|$)/.test(path) || (/^\/v1\/models(\/|$)/.test(path) && isOfAnthropic(headers)) ? anthropicError : errorBody
}
