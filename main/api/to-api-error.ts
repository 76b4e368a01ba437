import { AppError } from '../shared/app-error.ts'
import { errorFacts } from '../shared/error-codes.ts'
import { ApiError } from './api-error.ts'

const BY_FASTIFY_CODE: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid_request', 'The body does not match its Content-Length header.'],
  FST_ERR_BAD_URL: [400, 'invalid_url', 'The URL is malformed.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'url_too_long', 'A part of the URL is too long. Shorten it.'],
}

/** Of a failure that ends by itself at a time that nobody knows. */
const USUAL_WAIT_S = 1

/** A wait that the error itself specifies applies to this client. */
function retryAfterS({ code, details }: AppError): number | null {
  const { status, retry, retryAfterS: known } = errorFacts(code)
  const usual = known ?? (retry && (status === 503 || status === 429) ? USUAL_WAIT_S : null)
  const { retryAfterMs } = details
  return usual !== null && typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : usual
}

/**
 * Converts anything thrown to the error that a client gets.
 *
 * The message of an error that is neither an `AppError` nor one of the framework's stays in the log, because it may
 * contain anything.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof AppError) return fromAppError(error as AppError)
  const known = BY_FASTIFY_CODE[(error as { code?: string } | null)?.code ?? '']
  if (known) return new ApiError(known[0], known[1], known[2], { cause: error })
  return new ApiError(500, 'internal_error', "Internal error. See the node's log.", { cause: error })
}

function fromAppError(error: AppError): ApiError {
  const { status, api = error.code.replaceAll('-', '_'), param = null } = errorFacts(error.code)
  const waitS = retryAfterS(error)
  return new ApiError(status, api, error.message, {
    param: typeof error.details['param'] === 'string' ? error.details['param'] : param,
    ...(waitS === null ? {} : { retryAfterS: waitS }),
    cause: error,
  })
}
