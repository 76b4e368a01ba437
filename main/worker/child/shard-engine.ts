import type { GenerationEvent, GenerationSpec } from '../../shared/inference/generation.ts'
import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import type { GenerationId } from '../../shared/ids.ts'
import type { ShardInfo, ShardSpec, ShardStats } from '../../shared/shard.ts'
import type { StepCounts } from '../../shared/step-counts.ts'

/** The part of `native/` that the worker uses. */
export interface OpenShard {
  readonly info: ShardInfo
  /** Rank 0: for generations with a grammar. */
  setVocabulary(vocabulary: TokenVocabulary): void
  generate(generation: GenerationSpec, onEvent: (event: GenerationEvent) => void): void
  /** Rank 0: loads the model that proposes tokens, in place of the previous one; does nothing if it is already loaded. */
  loadDraft(draftId: string, modelDir: string): Promise<void>
  cancel(generationId: GenerationId): void
  /** Ranks above 0: resolves when rank 0 becomes idle. */
  follow(): Promise<void>
  onStepsBegin(listener: () => void): void
  stats(): ShardStats
  /** The progress of the running step. */
  progress(): EngineProgress
  /** The most recent steps, oldest first, in milliseconds of a clock that now reads `nowMs`. */
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
    /** Size of the step on this rank. */
    readonly tokens: number
    /** Processor time that the whole process used during the step. */
    readonly cpuMs: number
    readonly counts?: StepCounts
  }[]
}

export interface ShardEngine {
  readonly version: string
  openShard(spec: ShardSpec, onProgress: (loadedBytes: number, totalBytes: number) => void): Promise<OpenShard>
}
