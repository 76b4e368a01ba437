import { formatBytes } from '../../shared/formats/byte-size.ts'
import { ApiError } from '../api-error.ts'

const MOST_BYTES = 256 * 1024

/**
 * @param what - such as 'schema'
 * @param param - the field of the request that contains it
 * @throws ApiError 400 if it is too large
 */
export function requireFormSize(what: string, text: string, param: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= MOST_BYTES) return
  const message = `The ${what} in '${param}' has ${formatBytes(bytes)}; the limit is ${formatBytes(MOST_BYTES)}.`
  throw new ApiError(400, 'invalid_value', message, { param })
}
