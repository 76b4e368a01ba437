import { errorBody } from '../api-error.ts'
import { formatEvent } from '../sending/event-stream.ts'
import { toApiError } from '../to-api-error.ts'

/** What every stream of OpenAI's older APIs ends with. */
export const DONE = 'data: [DONE]\n\n'

/** The end of a stream that failed. Where the node stops, nothing is wrong with the answer so far, so its stream ends as others do. */
export function formatDataError(error: unknown): string {
  const apiError = toApiError(error)
  return formatEvent(errorBody(apiError)) + (apiError.code === 'node_stopping' ? DONE : '')
}
