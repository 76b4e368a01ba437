import type { InferencePart } from '../../shared/inference.ts'
import { formatEvent, formatProgress } from '../event-stream.ts'

export type PrefillProgress = Extract<InferencePart, { type: 'prefill-progress' }>

/** Chunks as nameless events, prefill progress as comments, `[DONE]` at the end. */
export async function* toDataEvents(chunks: AsyncIterable<object | PrefillProgress>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield isProgress(chunk) ? formatProgress(chunk) : formatEvent(chunk)
  yield 'data: [DONE]\n\n'
}

function isProgress(chunk: object): chunk is PrefillProgress {
  return 'type' in chunk && chunk.type === 'prefill-progress'
}
