import type { FinishReason, InferenceTimings, Usage } from '../shared/inference.ts'

/** Of an inference that ended, what is counted. */
export interface InferenceCount {
  /** null: the model was never found, so its name is the client's invention and no label. */
  readonly modelId: string | null
  /** null: it failed. */
  readonly finishReasons: readonly FinishReason[] | null
  readonly errorCode: string | null
  readonly usage: Usage
  readonly timings: InferenceTimings
  readonly resumes: number
}

/** The figures of one node for Prometheus. None of these throws. */
export interface Metrics {
  countInference(inference: InferenceCount): void
  /** The cluster, as this node sees it, has another leader or none. */
  countLeaderChange(): void
  /** An instance lost a node and was placed anew. */
  countFailover(modelId: string): void
  countDownload(outcome: 'done' | 'failed' | 'cancelled', bytes: number): void
  /** A request that the API refused before it became an inference. */
  countRefusedRequest(status: number): void
  readonly contentType: string
  /** Prometheus' text format, 0.0.4. */
  render(): Promise<string>
}
