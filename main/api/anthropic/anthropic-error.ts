import type { AnthropicError } from '../../shared/wire/anthropic.ts'
import type { ApiError } from '../api-error.ts'

const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
}

export function anthropicError({ status, message, param, code }: ApiError): AnthropicError {
  const type = TYPE_BY_STATUS[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  return { type: 'error', error: { type, message, param, code } }
}
