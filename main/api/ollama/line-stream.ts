import type { ApiContext } from '../api-server.ts'
import type { StreamOptions } from '../sending/send-stream.ts'
import { toApiError } from '../to-api-error.ts'

/** Before a line of JSON every reader skips a space; an empty line is an error to some. */
const KEEP_ALIVE = ' '

/** How a stream of lines of JSON is sent. */
export function lineStream(
  { keepAliveMs, stalledClientMs }: Pick<ApiContext, 'keepAliveMs' | 'stalledClientMs'>,
  signal: AbortSignal,
): StreamOptions {
  const formatError = (error: unknown): string => `${JSON.stringify({ error: toApiError(error).message })}\n`
  return { contentType: 'application/x-ndjson', keepAlive: () => KEEP_ALIVE, keepAliveMs, stalledClientMs, formatError, signal }
}
