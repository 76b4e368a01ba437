import type { FinishReason, InferenceTimings, Usage } from './inference.ts'
import type { Trit } from './trit.ts'

/** The record of one request, successful or not, for history and metrics. It contains neither prompt nor answer. */
export interface InferenceRecord {
  readonly requestId: string
  /** The name that the client used. */
  readonly model: string
  readonly modelId: string | null
  readonly instanceId: string | null
  /** Unsigned 64-bit, in decimal. */
  readonly seed: string | null
  /** One per choice; null: the request failed. */
  readonly finishReasons: readonly FinishReason[] | null
  readonly errorCode: string | null
  readonly usage: Usage
  readonly timings: InferenceTimings
  /** How often a generation had to be resumed after a failure. */
  readonly resumes: number
  /** 0 for ordinary requests, -1 for those of a validator, +1 for speculative ones. */
  readonly trit: Trit
}

/** The record, with the nodes on which the request ran. */
export interface PlacedInferenceRecord extends InferenceRecord {
  /** The number of nodes that hold the instance; 0: the request never reached one. */
  readonly devices: number
  readonly strategy: string | null
  readonly backend: string | null
}
