import type { ErrorBody } from '../shared/wire/api/openai.ts'

/** A failure as HTTP clients see it. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly param: string | null
  readonly retryAfterS: number | null

  constructor(status: number, code: string, message: string, extra: { param?: string | null; retryAfterS?: number; cause?: unknown } = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.param = extra.param ?? null
    this.retryAfterS = extra.retryAfterS ?? null
  }
}

const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
}

export function errorBody(error: ApiError): ErrorBody {
  const type = TYPE_BY_STATUS[error.status] ?? (error.status >= 500 ? 'server_error' : 'invalid_request_error')
  return { error: { message: error.message, type, param: error.param, code: error.code } }
}
