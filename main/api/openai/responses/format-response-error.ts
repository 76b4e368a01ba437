import { errorBody } from '../../api-error.ts'
import { formatEvent } from '../../sending/event-stream.ts'
import { toApiError } from '../../to-api-error.ts'

/** The event that ends a failed stream. */
export function formatResponseError(error: unknown, sequenceNumber: number): string {
  const failure = toApiError(error)
  const { code, message, param } = failure
  // The top-level fields follow the documentation; clients read those under `error`.
  return formatEvent({ type: 'error', code, message, param, sequence_number: sequenceNumber, ...errorBody(failure) }, 'error')
}
