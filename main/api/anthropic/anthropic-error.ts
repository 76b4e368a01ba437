import type { AnthropicError } from '../../shared/wire/api/anthropic.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ApiError } from '../api-error.ts'

const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
}

/** Anthropic's own message for a prompt that is too long: clients look for it and then shorten the prompt. */
function overflowWords({ cause }: ApiError): string | null {
  if (!(cause instanceof AppError) || cause.code !== 'context-exceeded') return null
  const { promptTokens, contextTokens } = cause.details
  return typeof promptTokens === 'number' && typeof contextTokens === 'number'
    ? `prompt is too long: ${promptTokens} tokens > ${contextTokens} maximum`
    : null
}

export function anthropicError(apiError: ApiError): AnthropicError {
  const { status, param, code } = apiError
  const words = overflowWords(apiError)
  const message = words === null ? apiError.message : `${words}. ${apiError.message}`
  const type = TYPE_BY_STATUS[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  return { type: 'error', error: { type, message, param, code } }
}
