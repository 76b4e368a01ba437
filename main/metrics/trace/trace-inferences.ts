import type { Clock } from '../../platform/clock.ts'
import { errorCode } from '../../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import type { TraceEvent } from './inference-trace.ts'
import type { TraceBuffer } from './trace-buffer.ts'

/** A client that takes a part within this is not worth a span. */
const LEAST_CLIENT_MS = 1

type Infer = (request: InferenceRequest, signal: AbortSignal) => AsyncIterable<InferencePart>

/** The same inferences, with the time of each part noted on its way to the client. */
export function traceInferences(infer: Infer, traces: TraceBuffer, clock: Pick<Clock, 'now' | 'epochMs'>): Infer {
  return async function* (request, signal) {
    const startMs = clock.now()
    const sinceStart = (): number => clock.now() - startMs
    const recorder = traces.begin({ requestId: request.requestId, model: request.model, startedAtEpochMs: clock.epochMs() })
    try {
      for await (const part of infer(request, signal)) {
        const atMs = sinceStart()
        const event = toEvent(part, atMs)
        if (event) recorder.add(event)
        yield part
        const takenAtMs = sinceStart()
        if (takenAtMs - atMs >= LEAST_CLIENT_MS) recorder.add({ kind: 'client', sinceMs: atMs, atMs: takenAtMs })
      }
    } catch (error) {
      recorder.add({ kind: 'failed', atMs: sinceStart(), code: errorCode(error) })
      throw error
    }
  }
}

function toEvent(part: InferencePart, atMs: number): TraceEvent | null {
  switch (part.type) {
    case 'accepted':
      return { kind: 'accepted', atMs, modelId: part.modelId, promptTokens: part.promptTokenIds.length }
    case 'prefill-progress':
      return { kind: 'prefill', atMs, doneTokens: part.doneTokens }
    case 'prompt-tokens':
      return null
    case 'text-delta':
      return part.tokens.length === 0 ? null : { kind: 'tokens', atMs, choiceIndex: part.choiceIndex, tokens: part.tokens.length }
    case 'choice-end':
      return { kind: 'choice-end', atMs, choiceIndex: part.choiceIndex, finishReason: part.finishReason }
    case 'inference-end':
      return { kind: 'end', atMs, timings: part.timings }
  }
}
