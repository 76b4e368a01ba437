import type { InferenceTrace, TraceEvent } from './inference-trace.ts'

export interface TraceRecorder {
  add(event: TraceEvent): void
}

/** The traces of the most recent requests; the oldest are dropped. */
export interface TraceBuffer {
  begin(request: Pick<InferenceTrace, 'requestId' | 'model' | 'startedAtEpochMs'>): TraceRecorder
  /** Includes running requests; null: no trace with that id is kept. */
  find(requestId: string): InferenceTrace | null
  last(): InferenceTrace | null
}

/** 64 requests of 4,096 events take some 25 MB at worst; chats of usual length take a tenth of a megabyte. */
export function createTraceBuffer(maxRequests = 64, maxEvents = 4_096): TraceBuffer {
  const traces = new Map<string, InferenceTrace & { readonly events: TraceEvent[]; isCut: boolean }>()
  return {
    begin(request) {
      const trace = { ...request, events: [] as TraceEvent[], isCut: false }
      traces.delete(request.requestId)
      traces.set(request.requestId, trace)
      const [oldest] = traces.keys()
      if (traces.size > maxRequests && oldest !== undefined) traces.delete(oldest)
      return {
        add: (event) => {
          // The end is kept even when the trace is full.
          if (trace.events.length < maxEvents || event.kind === 'end' || event.kind === 'failed') trace.events.push(event)
          else trace.isCut = true
        },
      }
    },
    find: (requestId) => traces.get(requestId) ?? null,
    last: () => [...traces.values()].at(-1) ?? null,
  }
}
