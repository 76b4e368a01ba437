import type { GenerationEvent, GenerationSpec } from '../../shared/inference/generation.ts'
import type { GenerationId } from '../../shared/ids.ts'
import type { ShardInfo, ShardSpec, ShardStats } from '../../shared/shard.ts'
import type { StepCounts } from '../../shared/step-counts.ts'

/** The part of `native/` that the worker uses. */
export interface OpenShard {
  readonly info: ShardInfo
  generate(generation: GenerationSpec, onEvent: (event: GenerationEvent) => void): void
  /** Rank 0: loads the model that proposes tokens, instead of the one before; nothing where it is loaded already. */
  loadDraft(draftId: string, modelDir: string): Promise<void>
  cancel(generationId: GenerationId): void
  /** Ranks above 0; resolves when rank 0 became idle. */
  follow(): Promise<void>
  onStepsBegin(listener: () => void): void
  stats(): ShardStats
  /** How far the step that runs has come. */
  progress(): EngineProgress
  /** The last steps, the oldest first, in milliseconds of a clock that is at `nowMs` now. */
  steps(): EngineSteps
  close(): Promise<void>
}

export interface EngineProgress {
  readonly layersDone: number
  /** 0 between steps. */
  readonly stepTokens: number
}

export interface EngineSteps {
  readonly nowMs: number
  readonly steps: readonly {
    readonly beginMs: number
    readonly endMs: number
    readonly planMs: number
    readonly decodedTokens: number
    readonly prefilledTokens: number
    readonly counts?: StepCounts
  }[]
}

export interface ShardEngine {
  readonly version: string
  openShard(spec: ShardSpec, onProgress: (loadedBytes: number, totalBytes: number) => void): Promise<OpenShard>
}
