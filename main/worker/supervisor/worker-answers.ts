import { type Pending, pending } from '../../platform/waiting/pending.ts'
import type { RankStep } from '../../shared/rank-steps.ts'
import type { ShardInfo } from '../../shared/shard.ts'
import type { LoadProgress } from './worker.ts'

/** A load in progress. */
export interface PendingLoad extends Pending<ShardInfo> {
  readonly onProgress: LoadProgress
  progressAtMs: number
  /** The ranks of the group have found each other. */
  hasJoined: boolean
}

/** The results of one worker that callers wait for, except generations, which have queues. */
export class WorkerAnswers {
  readonly #start = pending<void>()
  #load: PendingLoad | null = null
  #follow: Pending<void> | null = null
  #steps: Pending<readonly RankStep[]> | null = null

  started(): Promise<void> {
    return this.#start.promise
  }

  start(): void {
    this.#start.resolve()
  }

  /** null: nothing is loading. */
  load(): PendingLoad | null {
    return this.#load
  }

  beginLoad(onProgress: LoadProgress, nowMs: number): Promise<ShardInfo> {
    this.#load = { ...pending<ShardInfo>(), onProgress, progressAtMs: nowMs, hasJoined: false }
    return this.#load.promise
  }

  progressed(loadedBytes: number, totalBytes: number, nowMs: number): void {
    if (!this.#load) return
    this.#load.progressAtMs = nowMs
    this.#load.hasJoined = true
    this.#load.onProgress(loadedBytes, totalBytes)
  }

  loaded(info: ShardInfo): void {
    this.#load?.resolve(info)
    this.#load = null
  }

  awaitFollowed(): Promise<void> {
    this.#follow ??= pending<void>()
    return this.#follow.promise
  }

  followed(): void {
    this.#follow?.resolve()
    this.#follow = null
  }

  awaitSteps(): Promise<readonly RankStep[]> {
    this.#steps ??= pending<readonly RankStep[]>()
    return this.#steps.promise
  }

  stepsAre(steps: readonly RankStep[]): void {
    this.#steps?.resolve(steps)
    this.#steps = null
  }

  failAll(cause: unknown): void {
    this.#start.reject(cause)
    this.#load?.reject(cause)
    this.#follow?.reject(cause)
    this.#steps?.reject(cause)
  }
}
