import { anthropicError } from './anthropic/anthropic-error.ts'
import type { ApiError } from './api-error.ts'
import { errorBody } from './api-error.ts'

/** The shape of errors that clients of a path expect, also where no route is. */
export function surfaceErrorBody(path: string): (error: ApiError) => unknown {
  if (/^\/ollama(\/|$)/.test(path)) return ({ message }) => ({ error: message })
  return /^\/v1\/messages(\/|$)/.test(path) ? anthropicError : errorBody
}
