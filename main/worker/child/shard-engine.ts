import type { GenerationEvent, GenerationSpec } from '../../shared/generation.ts'
import type { GenerationId } from '../../shared/ids.ts'
import type { ShardInfo, ShardSpec, ShardStats } from '../../shared/shard.ts'

/** What the worker needs of `native/`. */
export interface Shard {
  readonly info: ShardInfo
  generate(generation: GenerationSpec, onEvent: (event: GenerationEvent) => void): void
  cancel(generationId: GenerationId): void
  /** Ranks above 0; resolves when rank 0 became idle. */
  follow(): Promise<void>
  onStepsBegin(listener: () => void): void
  stats(): ShardStats
  close(): Promise<void>
}

export interface ShardEngine {
  readonly version: string
  openShard(spec: ShardSpec, onProgress: (loadedBytes: number, totalBytes: number) => void): Promise<Shard>
}
