import { createRequire } from 'node:module'
import type { GenerationEvent, GenerationSpec } from '../main/shared/inference/generation.ts'
import type { RingPlace, ShardSpec, ShardStats } from '../main/shared/shard.ts'
import type { StepCounts } from '../main/shared/step-counts.ts'
import { NativeError } from './native-error.ts'
import type { DecoderPlan, EncoderPlan } from './plan/decoder-plan.ts'

type WithKeyBytes<Path extends { readonly key: string }> = Omit<Path, 'key'> & { readonly key: Uint8Array }

/** A rank's place in its ring, with 32-byte keys. */
export type EngineRingPlace = Omit<RingPlace, 'before' | 'after'> & {
  readonly before: WithKeyBytes<RingPlace['before']>
  readonly after: WithKeyBytes<RingPlace['after']>
}

/** The settings with which C++ opens a shard. They are validated and complete. */
export type EngineSettings = Pick<
  ShardSpec,
  | 'strategy'
  | 'backend'
  | 'rank'
  | 'worldSize'
  | 'contextTokens'
  | 'kvBits'
  | 'prefillChunkTokens'
  | 'maxBatch'
  | 'maxWaiting'
  | 'prefixCacheBytes'
  | 'cacheBytes'
  | 'draftBytes'
  | 'threads'
> & {
  readonly ring: EngineRingPlace | null
  /** One of the two; null: the other. */
  readonly decoder: DecoderPlan | null
  readonly encoder: EncoderPlan | null
  /** Use MLX's own operations, as on a GPU, even where the CPU kernels could run. */
  readonly useArrays: boolean
  /** With arrays on the CPU: compute half floats in their stored type, as on a GPU, without widening. */
  readonly keepsTypes: boolean
  readonly countsSteps: boolean
}

/** The engine's events, in order. `closed` is the last. */
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

/** The most recent steps, oldest first. `nowMs` is the current time of their clock. */
export interface BindingSteps {
  readonly nowMs: number
  readonly steps: readonly {
    readonly beginMs: number
    readonly endMs: number
    /** On rank 0, the time to make and send the plan, within the step; on other ranks, the wait for the plan before the step. */
    readonly planMs: number
    /** Only rank 0 counts tokens. */
    readonly decodedTokens: number
    readonly prefilledTokens: number
    /** Size of the step's plan, on every rank. */
    readonly tokens: number
    /** Processor time that the whole process used during the step. */
    readonly cpuMs: number
    readonly counts?: StepCounts
  }[]
}

/** The current progress of the running step. */
export interface BindingProgress {
  /** The layers, heads and steps that this rank has evaluated. It does not change while the rank waits for another one. */
  readonly layersDone: number
  /** 0 between steps. */
  readonly stepTokens: number
}

/** The bytes of all tokens, one after the other, and the end of each. */
export interface EngineVocabulary {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

/** A C++ engine. Every method returns at once. */
export interface ShardHandle {
  /** Rank 0: before the first generation with a grammar. */
  setVocabulary(vocabulary: EngineVocabulary): void
  generate(spec: GenerationSpec): void
  cancel(generationId: string): void
  /** Rank 0 only. The result is the event `draft-loaded` or `draft-failed`. */
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

/** The native addon, or a substitute for it in tests. */
export interface Binding {
  readonly mlxVersion: string
  /** The instruction set of the CPU kernels. */
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
