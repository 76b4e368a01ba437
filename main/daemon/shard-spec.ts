import type { Placement, PlacedShard } from '../shared/placement.ts'
import type { ModelCard } from '../shared/model-card.ts'
import type { ShardSpec } from '../shared/shard.ts'

export interface MachineLimits {
  /** Memory that this node may still take, in bytes. */
  readonly availableBytes: number
  readonly cores: number
  /** Ranks of the same instance on this machine, this one included. */
  readonly ranksHere: number
  readonly hasGpu: boolean
}

/** Sequences that decode together. */
const MAX_BATCH = 8
const MAX_WAITING = 64
/** Part of the memory left over by weights and KV cache that the prefix cache may take. */
const PREFIX_CACHE_RATIO = 0.25

/** What a worker is told to open for its part of an instance. */
export function shardSpec(card: ModelCard, placement: Placement, shard: PlacedShard, modelDir: string, machine: MachineLimits): ShardSpec {
  const float32Bytes = card.quantization === null ? shard.weightBytes * 2 : Math.ceil((shard.weightBytes * 32) / card.quantization.bits)
  const batchKvBytes = shard.kvBytes * 2
  const dequantize = !machine.hasGpu && float32Bytes + batchKvBytes <= machine.availableBytes
  const leftBytes = Math.max(0, machine.availableBytes - (dequantize ? float32Bytes : shard.weightBytes) - batchKvBytes)
  return {
    modelDir,
    strategy: placement.strategy,
    backend: placement.backend,
    rank: shard.rank,
    worldSize: placement.shards.length,
    layers: shard.layers,
    contextTokens: placement.contextTokens,
    prefillChunkTokens: 512,
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    dequantize,
    threads: Math.max(1, Math.floor(machine.cores / machine.ranksHere)),
    prefixCacheBytes: Math.floor(leftBytes * PREFIX_CACHE_RATIO),
  }
}
