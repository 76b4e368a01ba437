import type { Clock } from '../../platform/clock.ts'
import { errorCode } from '../../shared/app-error.ts'
import type { InferenceObserver, InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import type { TraceEvent } from './inference-trace.ts'
import type { TraceBuffer } from './trace-buffer.ts'

/** Shorter waits for the client get no span. */
const LEAST_CLIENT_MS = 1

/** Records the time of each part on its way to the client. */
export function traceObserver(
  traces: TraceBuffer,
  clock: Pick<Clock, 'now' | 'epochMs'>,
): (request: Pick<InferenceRequest, 'requestId' | 'model'>) => InferenceObserver {
  return ({ requestId, model }) => {
    const startMs = clock.now()
    const sinceStart = (): number => clock.now() - startMs
    const recorder = traces.begin({ requestId, model, startedAtEpochMs: clock.epochMs() })
    let partAtMs = 0
    return {
      onPart(part) {
        partAtMs = sinceStart()
        const event = toEvent(part, partAtMs)
        if (event) recorder.add(event)
      },
      onTaken() {
        const takenAtMs = sinceStart()
        if (takenAtMs - partAtMs >= LEAST_CLIENT_MS) recorder.add({ kind: 'client', sinceMs: partAtMs, atMs: takenAtMs })
      },
      onFailure(error) {
        recorder.add({ kind: 'failed', atMs: sinceStart(), code: errorCode(error) })
      },
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
    case 'embedding':
      return null
    case 'text-delta':
      return part.tokens.length === 0 ? null : { kind: 'tokens', atMs, choiceIndex: part.choiceIndex, tokens: part.tokens.length }
    case 'choice-end':
      return { kind: 'choice-end', atMs, choiceIndex: part.choiceIndex, finishReason: part.finishReason }
    case 'inference-end':
      return { kind: 'end', atMs, timings: part.timings }
  }
}
