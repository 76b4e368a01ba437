import type { TracesPort } from '../../api/api-dependencies.ts'
import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { toChromeTrace } from '../../metrics/trace/chrome-trace.ts'
import { createTraceBuffer } from '../../metrics/trace/trace-buffer.ts'
import { traceObserver } from '../../metrics/trace/trace-observer.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { InferenceObserver, InferenceRequest } from '../../shared/inference/inference.ts'
import type { RankSteps } from '../../shared/rank-steps.ts'
import { instanceOf } from '../shards/instances.ts'

/** Extends the request's time range by the possible clock error and the travel time of a token. */
const MARGIN_MS = 20

export interface RequestTracesDependencies {
  readonly clock: Pick<Clock, 'now' | 'epochMs'>
  state(): ClusterState
  rankSteps(instance: InstanceState, sinceEpochMs: number, untilEpochMs: number): Promise<readonly RankSteps[]>
}

/** Records the times of inferences, and returns them with the steps of each rank in that time. */
export function createRequestTraces({ clock, state, rankSteps }: RequestTracesDependencies): {
  readonly observe: (request: InferenceRequest) => InferenceObserver
  readonly traces: TracesPort
} {
  const buffer = createTraceBuffer()
  return {
    observe: traceObserver(buffer, clock),
    traces: {
      async find(requestId) {
        const trace = requestId === 'last' ? buffer.last() : buffer.find(requestId)
        if (!trace) return null
        const modelId = trace.events.find((event) => event.kind === 'accepted')?.modelId
        const instance = modelId === undefined ? null : instanceOf(state(), modelId as ModelId)
        const endedAtMs = trace.events.at(-1)?.atMs ?? 0
        const ranks = instance
          ? await rankSteps(instance, trace.startedAtEpochMs - MARGIN_MS, trace.startedAtEpochMs + endedAtMs + MARGIN_MS)
          : []
        return toChromeTrace(trace, ranks)
      },
    },
  }
}
