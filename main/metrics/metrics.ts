import type { InferenceRecord } from '../shared/inference/inference-record.ts'

/**
 * Of an inference that ended, what is counted. Without a `modelId`, the model was never found: its name is the client's invention and no
 * label.
 */
export type InferenceCount = Pick<InferenceRecord, 'modelId' | 'finishReasons' | 'errorCode' | 'usage' | 'timings' | 'resumes'>

/** The figures of one node for Prometheus. None of these throws. */
export interface Metrics {
  countInference(inference: InferenceCount): void
  /** The cluster, as this node sees it, has another leader or none. */
  countLeaderChange(): void
  /** An instance lost a node and was placed again. */
  countFailover(modelId: string): void
  /** A request that the API answered with an error. */
  countRefusedRequest(status: number): void
  readonly contentType: string
  /** Prometheus' text format, 0.0.4. */
  render(): Promise<string>
}
