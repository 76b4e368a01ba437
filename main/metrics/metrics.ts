import type { CollectedMetric } from './otlp/otlp-metrics.ts'
import type { InferenceRecord } from '../shared/inference/inference-record.ts'

/**
 * The counted fields of an ended inference. Without a `modelId` the model was not found: its name is arbitrary client
 * input and must not become a label.
 */
export type InferenceCount = Pick<InferenceRecord, 'modelId' | 'finishReasons' | 'errorCode' | 'usage' | 'timings' | 'resumes'>

/** The metrics of one node for Prometheus. None of these methods throws. */
export interface Metrics {
  countInference(inference: InferenceCount): void
  /** This node sees that the cluster has another leader or none. */
  countLeaderChange(): void
  /** An instance lost a node and was placed again. */
  countFailover(modelId: string): void
  /** The API answered a request with an error. */
  countRefusedRequest(status: number): void
  readonly contentType: string
  /** The same values for other formats. */
  collect(): Promise<readonly CollectedMetric[]>
  /** The Prometheus text format, 0.0.4. */
  render(): Promise<string>
}
