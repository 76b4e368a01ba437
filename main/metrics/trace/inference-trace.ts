import type { InferenceTimings } from '../../shared/inference/inference.ts'

/** Times are milliseconds since the request arrived, by the clock of the node that received it. */
export type TraceEvent =
  /** The engine has accepted the request: the model is found and loaded, and the prompt tokenized. */
  | { readonly kind: 'accepted'; readonly atMs: number; readonly modelId: string; readonly promptTokens: number }
  | { readonly kind: 'prefill'; readonly atMs: number; readonly doneTokens: number }
  | { readonly kind: 'tokens'; readonly atMs: number; readonly choiceIndex: number; readonly tokens: number }
  /** The client took the previous part with this delay. */
  | { readonly kind: 'client'; readonly atMs: number; readonly sinceMs: number }
  | { readonly kind: 'choice-end'; readonly atMs: number; readonly choiceIndex: number; readonly finishReason: string }
  | { readonly kind: 'end'; readonly atMs: number; readonly timings: InferenceTimings }
  | { readonly kind: 'failed'; readonly atMs: number; readonly code: string }

export interface InferenceTrace {
  readonly requestId: string
  readonly model: string
  readonly startedAtEpochMs: number
  readonly events: readonly TraceEvent[]
  /** Later events were dropped. */
  readonly isCut: boolean
}
