import { createRequire } from 'node:module'
import type { GenerationEvent, GenerationSpec } from '../main/shared/inference/generation.ts'
import type { RingPlace, ShardSpec, ShardStats } from '../main/shared/shard.ts'
import type { StepCounts } from '../main/shared/step-counts.ts'
import { NativeError } from './native-error.ts'
import type { DecoderPlan } from './plan/decoder-plan.ts'

type WithKeyBytes<Path extends { readonly key: string }> = Omit<Path, 'key'> & { readonly key: Uint8Array }

/** A rank's place in its ring, with keys of 32 bytes. */
export type EngineRingPlace = Omit<RingPlace, 'before' | 'after'> & {
  readonly before: WithKeyBytes<RingPlace['before']>
  readonly after: WithKeyBytes<RingPlace['after']>
}

/** What C++ is given to open a shard; checked and complete. */
export type EngineSettings = Pick<
  ShardSpec,
  | 'strategy'
  | 'backend'
  | 'rank'
  | 'worldSize'
  | 'contextTokens'
  | 'prefillChunkTokens'
  | 'maxBatch'
  | 'maxWaiting'
  | 'prefixCacheBytes'
  | 'cacheBytes'
  | 'threads'
> & {
  readonly ring: EngineRingPlace | null
  readonly decoder: DecoderPlan
  /** Compose MLX's own operations, as on a GPU, also where the CPU's own kernels could run. */
  readonly useArrays: boolean
  /** With arrays on the CPU: half floats are computed as they are stored, as on a GPU, not widened. */
  readonly keepsTypes: boolean
  readonly countsSteps: boolean
}

/** What comes back, in order; `closed` is the last. */
export type EngineEvent =
  | GenerationEvent
  | { type: 'loaded'; residentBytes: number; loadMs: number; device: 'cpu' | 'gpu' }
  | { type: 'load-progress'; loadedBytes: number }
  | { type: 'failed'; code: string; message: string }
  | { type: 'draft-loaded'; draftId: string }
  | { type: 'draft-failed'; draftId: string; code: string; message: string }
  | { type: 'steps-begin' }
  | { type: 'steps-end' }
  | { type: 'closed' }

/** The last steps, the oldest first, by a clock that is at `nowMs` now. */
export interface BindingSteps {
  readonly nowMs: number
  readonly steps: readonly {
    readonly beginMs: number
    readonly endMs: number
    /** Of rank 0, making and sending the plan, within the step; of the others, the wait for the plan, before it. */
    readonly planMs: number
    /** Rank 0 alone counts tokens. */
    readonly decodedTokens: number
    readonly prefilledTokens: number
    readonly counts?: StepCounts
  }[]
}

/** How far the step that runs has come, at this moment. */
export interface BindingProgress {
  /** Layers, heads and steps that this rank has evaluated; a wait for another rank moves nothing. */
  readonly layersDone: number
  /** 0 between steps. */
  readonly stepTokens: number
}

/** An engine in C++. Every method returns at once. */
export interface ShardHandle {
  generate(spec: GenerationSpec): void
  cancel(generationId: string): void
  /** Rank 0; told by `draft-loaded` or `draft-failed`. */
  loadDraft(draft: { readonly draftId: string; readonly decoder: DecoderPlan }): void
  follow(): void
  close(): void
  /** null once closed. */
  stats(): ShardStats | null
  /** null once closed. */
  progress(): BindingProgress | null
  /** null once closed. */
  steps(): BindingSteps | null
}

/** The native addon, or anything that behaves like it. */
export interface Binding {
  readonly mlxVersion: string
  /** Instruction set of the CPU kernels. */
  readonly kernels: string
  deriveShardSeed(baseSeed: bigint, shardId: bigint, step: bigint): bigint
  readonly ShardHandle: new (settings: EngineSettings, onEvents: (events: EngineEvent[]) => void) => ShardHandle
}

/**
 * Loads the addon.
 * @throws NativeError `addon-missing`
 */
export function loadBinding(path: string): Binding {
  try {
    return createRequire(import.meta.url)(path) as Binding
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new NativeError('addon-missing', `The native engine ${path} cannot be loaded: ${why}`, { path }, cause)
  }
}
