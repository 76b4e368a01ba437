import type { RingPlace } from '../../../shared/shard.ts'

/**
 * What a worker is told of its group. The secrets of `ring` reach it over its own channel only: an environment is there for other programs
 * to read.
 */
export interface WorkerGroup {
  readonly environment: Readonly<Record<string, string>>
  /** TCP rings only. */
  readonly ring: RingPlace | null
}
