import type { InferencePart } from '../../shared/inference/inference.ts'
import { errorBody } from '../api-error.ts'
import { formatEvent, formatProgress } from '../sending/event-stream.ts'
import { toApiError } from '../to-api-error.ts'

const DONE = 'data: [DONE]\n\n'

export type PrefillProgress = Extract<InferencePart, { type: 'prefill-progress' }>

/** Chunks as nameless events, prefill progress as comments, `[DONE]` at the end. */
export async function* toDataEvents(chunks: AsyncIterable<object | PrefillProgress>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield isProgress(chunk) ? formatProgress(chunk) : formatEvent(chunk)
  yield DONE
}

/** The end of a stream that failed. Where the node stops, nothing is wrong with the answer so far, so its stream ends as others do. */
export function formatDataError(error: unknown): string {
  const apiError = toApiError(error)
  return formatEvent(errorBody(apiError)) + (apiError.code === 'node_stopping' ? DONE : '')
}

function isProgress(chunk: object): chunk is PrefillProgress {
  return 'type' in chunk && chunk.type === 'prefill-progress'
}
