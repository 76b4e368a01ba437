import type { ClusterView, InstanceView } from '../../shared/cluster-view.ts'

/** How a model is split for a trial. */
export interface TrialSplit {
  readonly strategy: InstanceView['strategy']
  readonly backend: InstanceView['backend']
  readonly nodes: number
}

export interface TrialAnswer {
  readonly text: string
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly prefillTokensPerSecond: number
  readonly decodeTokensPerSecond: number
}

/** The running node that a trial uses. */
export interface TrialNode {
  view(signal: AbortSignal): Promise<ClusterView>
  /** Completes a text greedily. Loads the model if needed. @throws AppError with the node's error */
  complete(modelId: string, prompt: string, maxTokens: number, signal: AbortSignal): Promise<TrialAnswer>
  /** The ways in which the model can be split over several machines now. */
  splits(modelId: string, signal: AbortSignal): Promise<readonly TrialSplit[]>
  /** Loads the model in this way and waits until it is ready. @throws AppError with the reason of the failure */
  load(modelId: string, split: TrialSplit, signal: AbortSignal): Promise<void>
  /** Unloads every instance of the model. */
  unload(modelId: string, signal: AbortSignal): Promise<void>
}
