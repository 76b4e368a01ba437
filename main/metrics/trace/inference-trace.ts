import type { InferenceTimings } from '../../shared/inference/inference.ts'

/** Times are milliseconds since the request came, as the node that the client asked saw them. */
export type TraceEvent =
  /** The engine has taken the request: model found, loaded, prompt tokenized. */
  | { readonly kind: 'accepted'; readonly atMs: number; readonly modelId: string; readonly promptTokens: number }
  | { readonly kind: 'prefill'; readonly atMs: number; readonly doneTokens: number }
  | { readonly kind: 'tokens'; readonly atMs: number; readonly choiceIndex: number; readonly tokens: number }
  /** The client took the part before it so late. */
  | { readonly kind: 'client'; readonly atMs: number; readonly sinceMs: number }
  | { readonly kind: 'choice-end'; readonly atMs: number; readonly choiceIndex: number; readonly finishReason: string }
  | { readonly kind: 'end'; readonly atMs: number; readonly timings: InferenceTimings }
  | { readonly kind: 'failed'; readonly atMs: number; readonly code: string }

export interface InferenceTrace {
  readonly requestId: string
  readonly model: string
  readonly startedAtEpochMs: number
  readonly events: readonly TraceEvent[]
  /** Later events were not kept. */
  readonly isCut: boolean
}
