import { errorBody } from '../../api-error.ts'
import { formatEvent } from '../../sending/event-stream.ts'
import { toApiError } from '../../to-api-error.ts'

/** The event that ends a stream which failed. */
export function formatResponseError(error: unknown, sequenceNumber: number): string {
  const failure = toApiError(error)
  const { code, message, param } = failure
  // The fields by themselves are as documented; clients look for them under `error`.
  return formatEvent({ type: 'error', code, message, param, sequence_number: sequenceNumber, ...errorBody(failure) }, 'error')
}
