import type { GenerationPart, GenerationSpec } from '../../shared/inference/generation.ts'
import type { TokenVocabulary } from '../../shared/inference/grammar.ts'
import type { ShardInfo, ShardSpec, ShardStats } from '../../shared/shard.ts'
import type { RankStep } from '../../shared/rank-steps.ts'
import type { AppError } from '../../shared/app-error.ts'

/** starting: no message yet; started: no shard; closing: asked to stop. */
export type WorkerStatus = 'starting' | 'started' | 'loading' | 'ready' | 'closing' | 'exited'

export type LoadProgress = (loadedBytes: number, totalBytes: number) => void

/** Events of one generation; errors are thrown instead. */
/** One shard worker process, as its owner sees it. */
export interface Worker {
  readonly label: string
  readonly nativeVersion: string
  processId(): number | null
  status(): WorkerStatus
  /** Statistics of the last heartbeat; null before the shard is ready. */
  stats(): ShardStats | null
  /** Grows while the worker computes, however slowly, and stays the same while it waits or hangs. */
  moves(): number
  /** Another rank of the group made progress: this one may be waiting for it. */
  groupMoved(): void
  /**
   * @throws AppError with the engine's code (`model-damaged`, `model-unsupported`, `not-enough-memory`, …), or `worker-died`;
   *   the process is gone after either
   */
  load(shard: ShardSpec, onProgress: LoadProgress, signal?: AbortSignal): Promise<ShardInfo>
  /** Rank 0: must precede the first generation with a grammar. */
  setVocabulary(vocabulary: TokenVocabulary): void
  /**
   * Starts at once, not at the first read. Aborting `signal` cancels the generation in the engine; the parts still end
   * with `generation-end`. Leaving the loop cancels too.
   *
   * @throws AppError the engine's code (`engine-busy`, …), `worker-died`, or `consumer-too-slow`
   */
  generate(generation: GenerationSpec, signal?: AbortSignal): AsyncIterable<GenerationPart>
  /** Ranks above 0: joins the step loop. Resolves when rank 0 becomes idle. */
  followSteps(): Promise<void>
  /** The most recent steps of this rank, oldest first. @throws AppError `worker-died` */
  steps(): Promise<readonly RankStep[]>
  /** Rank 0: work was queued while idle, so the other ranks must follow. */
  onStepsBegin(listener: () => void): void
  /**
   * Calls the listener when a step has made no progress for a moment: the worker may be slow, or the network to the other ranks may
   * be at fault. Called again only after it has moved.
   */
  onStandstill(listener: () => void): void
  /** Resolves once the process is gone, with the cause; null if it was asked to stop. */
  readonly exited: Promise<AppError<'worker-died'> | null>
  /** Close, then TERM, then KILL, each with a limit. Resolves when the process is gone. */
  stop(): Promise<void>
}

/** In milliseconds, except the last. */
export interface WorkerLimits {
  /** From spawn to `worker-started`. */
  readonly startMs: number
  /** From the start of the load to its first progress, which is reported once the ranks of the group have found each other. */
  readonly joinMs: number
  /** Loading without progress. */
  readonly loadSilenceMs: number
  /** Without a heartbeat. */
  readonly heartbeatSilenceMs: number
  /** Without a step while work is queued. The first step after a load, which reads the weights, may take `firstStepMs`. */
  readonly stepMs: number
  readonly firstStepMs: number
  /** Time limit for loading the weights of a draft model, which reports no progress and delays every answer. */
  readonly draftMs: number
  readonly closeMs: number
  readonly termMs: number
  readonly killMs: number
  /** Parts of one generation that may wait for its reader. */
  readonly bufferedParts: number
}

export const defaultWorkerLimits: WorkerLimits = {
  startMs: 30_000,
  joinMs: 120_000,
  loadSilenceMs: 120_000,
  heartbeatSilenceMs: 10_000,
  stepMs: 10_000,
  firstStepMs: 60_000,
  draftMs: 600_000,
  closeMs: 3_000,
  termMs: 3_000,
  killMs: 5_000,
  bufferedParts: 65_536,
}
