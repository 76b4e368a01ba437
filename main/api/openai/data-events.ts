import { errorBody } from '../api-error.ts'
import { formatEvent } from '../sending/event-stream.ts'
import { toApiError } from '../to-api-error.ts'

/** The end of every stream of OpenAI's older APIs. */
export const DONE = 'data: [DONE]\n\n'

/** The end of a failed stream. If the node is stopping, the answer so far is valid, so the stream ends normally. */
export function formatDataError(error: unknown): string {
  const apiError = toApiError(error)
  return formatEvent(errorBody(apiError)) + (apiError.code === 'node_stopping' ? DONE : '')
}
