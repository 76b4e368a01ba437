import type { TgiError } from '../../shared/wire/api/tgi.ts'
import type { ApiError } from '../api-error.ts'

/** An error in TGI's format. */
export function tgiError({ message, status }: ApiError): TgiError {
  return { error: message, error_type: status === 429 ? 'overloaded' : status < 500 ? 'validation' : 'generation' }
}
