import type { RingPlace } from '../../../shared/shard.ts'

/** A worker's group. The secrets of `ring` are sent only over the worker's own channel, because other programs can read an environment. */
export interface WorkerGroup {
  readonly environment: Readonly<Record<string, string>>
  /** TCP rings only. */
  readonly ring: RingPlace | null
}
