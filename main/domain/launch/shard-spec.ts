import type { Placement, PlacedShard } from '../../shared/placement.ts'
import { MAX_BATCH, MAX_WAITING } from '../../shared/inference/most-generations.ts'
import type { DescribedFamily } from '../../shared/models/described-family.ts'
import type { RingPlace, ShardSpec } from '../../shared/shard.ts'

export interface MachineLimits {
  /** Memory that this node may still use, in bytes. */
  readonly availableBytes: number
  /** Whether `--max-memory` makes that less than the free memory. */
  readonly isCapped: boolean
  /** The part of `--max-memory` that the shards placed on this node leave free; null: there is no limit. */
  readonly unplacedBytes: number | null
  readonly cores: number
  /** Ranks of the same instance on this machine, including this one. */
  readonly ranksHere: number
}

/** The share of the memory left by the weights and the KV cache of one sequence that further sequences and the prefix cache may use. */
const MORE_CACHE_RATIO = 0.25

/** The shard that a worker opens for its part of an instance. */
export function shardSpec(
  placement: Placement,
  shard: PlacedShard,
  modelDir: string,
  machine: MachineLimits,
  ring: RingPlace | null,
  families: readonly DescribedFamily[] = [],
): ShardSpec {
  const leftBytes = machine.isCapped ? 0 : Math.max(0, machine.availableBytes - shard.weightBytes - shard.kvBytes)
  const cacheBytes = shard.kvBytes + Math.floor(leftBytes * MORE_CACHE_RATIO)
  return {
    modelDir,
    strategy: placement.strategy,
    backend: placement.backend,
    rank: shard.rank,
    worldSize: placement.shards.length,
    ...(ring && { ring }),
    layers: shard.layers,
    contextTokens: placement.contextTokens,
    kvBits: placement.kvBits ?? null,
    prefillChunkTokens: 512,
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    // The CPU kernels compute on packed weights, which takes half the time per token of float32 weights, and a fifth of the memory.
    dequantize: false,
    threads: Math.max(1, Math.floor(machine.cores / machine.ranksHere)),
    prefixCacheBytes: cacheBytes,
    cacheBytes,
    draftBytes: machine.unplacedBytes,
    families: [...families],
    randomWeightsSeed: null,
  }
}
