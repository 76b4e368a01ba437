import { z } from 'zod'
import { ParallelStrategy } from './models/model-card.ts'
import { DescribedFamily, MOST_DESCRIBED_FAMILIES } from './models/described-family.ts'
import { RingAddress } from './addresses/ring-address.ts'
import { KvBits } from './models/kv-bits.ts'
import { StepCounts } from './step-counts.ts'

export const Backend = z.enum(['local', 'ring', 'jaccl'])
export type Backend = z.infer<typeof Backend>

/** Half-open. */
export const LayerRange = z.strictObject({ start: z.int().min(0), end: z.int().min(0) })
export type LayerRange = z.infer<typeof LayerRange>

/** The connection between a rank of a ring and one of its neighbours: the previous rank connects to the next. */
const NeighbourPath = z.strictObject({
  address: RingAddress,
  port: z.int().min(1).max(65535),
  /** Used only by this pair of ranks in this epoch of the group: 256 bits in hexadecimal. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Whether the connection is encrypted; either side can require it. */
  seal: z.boolean(),
})

/** A rank's place in a TCP ring: its neighbours, and the two loopback ports of MLX's hostfile. */
export const RingPlace = z.strictObject({
  listenPort: z.int().min(1).max(65535),
  dialPort: z.int().min(1).max(65535),
  before: NeighbourPath,
  after: NeighbourPath,
})
export type RingPlace = z.infer<typeof RingPlace>

/** Everything that a worker needs to open its part of an instance. */
export const ShardSpec = z.strictObject({
  modelDir: z.string().min(1),
  strategy: ParallelStrategy,
  backend: Backend,
  /** 0 holds the last stage, the head and the sampler. */
  rank: z.int().min(0),
  worldSize: z.int().min(1),
  /** Without it MLX forms an unencrypted ring with any process that connects first. */
  ring: RingPlace.optional(),
  /** Pipeline: this rank's own layers. Tensor: all of them. */
  layers: LayerRange,
  /** Longest sequence; the KV cache grows up to it. */
  contextTokens: z.int().min(1),
  /** Bits per number of the KV cache; null: as computed. With 4 and 8, MLX's operations also run on CPUs. */
  kvBits: KvBits.nullable().default(null),
  prefillChunkTokens: z.int().min(1).default(512),
  /** Sequences that are decoded together. */
  maxBatch: z.int().min(1).default(8),
  /** Sequences that may wait beyond the batch before `engine-busy`. */
  maxWaiting: z.int().min(0).default(64),
  /** CPU only: hold quantized weights as float32. Metal always computes on them as stored. */
  dequantize: z.boolean(),
  /** CPU threads of this process. */
  threads: z.int().min(1),
  /** Bytes that the prefix cache may use; 0: off. */
  prefixCacheBytes: z.int().min(0).default(0),
  /**
   * Bytes that sequences and the prefix cache together may use beyond one full context; a request that would exceed
   * them waits. 0: no limit.
   */
  cacheBytes: z.int().min(0).default(0),
  /** Bytes that a draft model may take at rank 0, including weights and caches; null: no limit. */
  draftBytes: z.int().min(0).nullable().default(null),
  /** The families that models here may have beyond the built-in ones. */
  families: z.array(DescribedFamily).max(MOST_DESCRIBED_FAMILIES).default([]),
  /** The folder has only a config.json: a tiny model's weights are first made from this seed; null: the folder has weights. */
  randomWeightsSeed: z.int().min(0).nullable().default(null),
})
export type ShardSpec = z.infer<typeof ShardSpec>

export const ShardInfo = z.strictObject({
  modelType: z.string(),
  layers: z.int(),
  vocabSize: z.int(),
  /** Bytes of this shard's tensors in the files. */
  weightBytes: z.int(),
  /** Bytes of these tensors in memory, after dequantizing. */
  residentBytes: z.int(),
  loadMs: z.number(),
  device: z.enum(['cpu', 'gpu']),
})
export type ShardInfo = z.infer<typeof ShardInfo>

/** A snapshot of the engine's state, cheap enough to take every second. */
export const ShardStats = z.strictObject({
  /** Counts prefill chunks and decode steps: it stays the same only when the engine is idle or hangs. */
  steps: z.int(),
  /** Tokens that a grammar forced and that took no step of their own. */
  jumpedTokens: z.int(),
  running: z.int(),
  waiting: z.int(),
  activeBytes: z.int(),
  peakBytes: z.int(),
  kvBytes: z.int(),
  prefixCacheBytes: z.int(),
  /** Bytes sent to the other ranks since the shard was opened: hidden states, sums and plans. */
  sentBytes: z.int(),
  /** Over the last seconds; 0 when idle. */
  decodeTokensPerSecond: z.number(),
  prefillTokensPerSecond: z.number(),
  /** Totals of all steps since the shard was opened, if they are counted. */
  counts: StepCounts.optional(),
})
export type ShardStats = z.infer<typeof ShardStats>

/** Of a shard that has done nothing. */
export const NO_SHARD_STATS: ShardStats = {
  steps: 0,
  jumpedTokens: 0,
  running: 0,
  waiting: 0,
  activeBytes: 0,
  peakBytes: 0,
  kvBytes: 0,
  prefixCacheBytes: 0,
  sentBytes: 0,
  decodeTokensPerSecond: 0,
  prefillTokensPerSecond: 0,
}
