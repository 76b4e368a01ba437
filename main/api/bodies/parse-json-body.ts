import { ApiError } from '../api-error.ts'
import { findJsonExcess } from './find-json-excess.ts'

const BIG_SEED = /(?<!\\)"seed"\s*:\s*(-?\d{16,})(?![\d.eE])/g

/**
 * Parses a request body. A seed too large for an exact JSON number becomes its decimal text.
 *
 * The pattern cannot match inside a string: there, the quotes around `seed` would be escaped.
 *
 * @throws ApiError 400 if the body is not UTF-8, not JSON, or beyond the limits
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined
  const excess = findJsonExcess(body)
  if (excess !== null) throw new ApiError(400, 'invalid_json', `The body contains ${excess}, which exceeds the limits of a request.`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new ApiError(400, 'invalid_json', 'The body is not valid UTF-8.', { cause })
  }
  try {
    return JSON.parse(
      text.replace(BIG_SEED, (match, digits: string) =>
        Number.isSafeInteger(Number(digits)) ? match : `${match.slice(0, -digits.length)}"${digits}"`,
      ),
    )
  } catch (cause) {
    throw new ApiError(400, 'invalid_json', 'The body is not valid JSON.', { cause })
  }
}
