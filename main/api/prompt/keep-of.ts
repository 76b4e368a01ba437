import { parseKeepAlive } from '../../shared/formats/parse-keep-alive.ts'
import { ApiError } from '../api-error.ts'

/**
 * How long the model stays loaded after a request: Ollama's `keep_alive`, or LM Studio's `ttl` in seconds, in any API.
 * Null: forever; undefined: not set in the request.
 *
 * @throws ApiError 400 for a value that is not a duration
 */
export function keepOf(body: unknown): number | null | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { keep_alive: keepAlive, ttl } = body as Readonly<Record<string, unknown>>
  for (const [param, value] of [
    ['keep_alive', keepAlive],
    ['ttl', ttl],
  ] as const) {
    if (value === undefined || value === null || value === '') continue
    const keepMs = typeof value === 'number' || typeof value === 'string' ? parseKeepAlive(value) : undefined
    if (keepMs === undefined)
      throw new ApiError(
        400,
        'invalid_value',
        `'${param}' must be a number of seconds or a duration such as "5m"; a negative value keeps the model loaded.`,
        { param },
      )
    return keepMs
  }
  return undefined
}
