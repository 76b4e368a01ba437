import type { InferencePart } from '../../shared/inference.ts'

export type PrefillProgress = Extract<InferencePart, { type: 'prefill-progress' }>

export const EVENT_STREAM_TYPE = 'text/event-stream; charset=utf-8'
export const KEEP_ALIVE_COMMENT = ': keep-alive\n\n'

export function formatData(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

/** Chunks as server-sent events, prefill progress as comments, `[DONE]` at the end. */
export async function* toEventStream(chunks: AsyncIterable<object | PrefillProgress>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield isProgress(chunk) ? `: prefill_progress ${chunk.doneTokens}/${chunk.totalTokens}\n\n` : formatData(chunk)
  yield 'data: [DONE]\n\n'
}

function isProgress(chunk: object): chunk is PrefillProgress {
  return 'type' in chunk && chunk.type === 'prefill-progress'
}
