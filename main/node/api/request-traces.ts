import type { InferencePort, TracesPort } from '../../api/api-dependencies.ts'
import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { toChromeTrace } from '../../metrics/trace/chrome-trace.ts'
import { createTraceBuffer } from '../../metrics/trace/trace-buffer.ts'
import { traceInferences } from '../../metrics/trace/trace-inferences.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { RankSteps } from '../../shared/rank-steps.ts'
import { instanceOf } from '../shards/instances.ts'

/** Wider than the request by what clocks and the way of a token to here may differ. */
const MARGIN_MS = 20

export interface RequestTracesDependencies {
  readonly infer: InferencePort['infer']
  readonly clock: Pick<Clock, 'now' | 'epochMs'>
  state(): ClusterState
  rankSteps(instance: InstanceState, sinceEpochMs: number, untilEpochMs: number): Promise<readonly RankSteps[]>
}

/** The same inferences with their times noted, and those times with what each rank did meanwhile. */
export function createRequestTraces({ infer, clock, state, rankSteps }: RequestTracesDependencies): {
  readonly infer: InferencePort['infer']
  readonly traces: TracesPort
} {
  const buffer = createTraceBuffer()
  return {
    infer: traceInferences(infer, buffer, clock),
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
