import type { ApiContext } from '../api-server.ts'
import type { StreamOptions } from '../sending/send-stream.ts'
import { toApiError } from '../to-api-error.ts'

/** Every reader skips a space before a line of JSON; some treat an empty line as an error. */
const KEEP_ALIVE = ' '

/** Options for a stream of JSON lines. */
export function lineStream(
  { keepAliveMs, stalledClientMs, timers }: Pick<ApiContext, 'keepAliveMs' | 'stalledClientMs' | 'timers'>,
  signal: AbortSignal,
): StreamOptions {
  const formatError = (error: unknown): string => `${JSON.stringify({ error: toApiError(error).message })}\n`
  return { contentType: 'application/x-ndjson', keepAlive: () => KEEP_ALIVE, keepAliveMs, stalledClientMs, timers, formatError, signal }
}
