import { z } from 'zod'
import { RdmaMatrix } from './cluster-view.ts'
import { peerLine } from './formats/peer-text.ts'
import { ModelId, NodeId } from './ids.ts'
import { ParallelStrategy } from './models/model-card.ts'
import { KvBits } from './models/kv-bits.ts'
import { Backend, LayerRange } from './shard.ts'

/** The part of a placed model that one node holds. */
export const PlacedShard = z.strictObject({
  nodeId: NodeId,
  /** 0 holds the last stage. */
  rank: z.int().min(0),
  stage: z.int().min(0),
  layers: LayerRange,
  /** Bytes of this shard's tensors in the files. */
  weightBytes: z.int().min(0),
  /** Bytes of the KV cache of one sequence that uses the full context. */
  kvBytes: z.int().min(0),
})
export type PlacedShard = z.infer<typeof PlacedShard>

/** One step from a faster option to a slower one, for the user: `JACCL mesh` to `JACCL ring` because of `reason`. */
export const Fallback = z.strictObject({ from: peerLine(256), to: peerLine(256), reason: peerLine(2000) })
export type Fallback = z.infer<typeof Fallback>

/** The nodes and layers of each shard of a model, and how the shards communicate. */
export const Placement = z.strictObject({
  strategy: ParallelStrategy,
  backend: Backend,
  /** JACCL over a ring of cables (`MLX_JACCL_RING`) instead of a full mesh. */
  jacclRing: z.boolean(),
  contextTokens: z.int().min(1),
  /** Absent: keys and values are stored as they are computed. */
  kvBits: KvBits.optional(),
  /** Index = rank. */
  shards: z.array(PlacedShard).min(1),
  /** Only for `jaccl`; in a ring, only neighbours have devices. */
  rdmaMatrix: RdmaMatrix.nullable(),
  /** [i][j]: the address at which rank i reaches rank j, as far as the backend needs it (ring neighbours; rank 0 for `jaccl`). */
  addressMatrix: z.array(z.array(z.string().nullable())),
  fallbacks: z.array(Fallback),
})
export type Placement = z.infer<typeof Placement>

/** The memory of a draft model. */
export const DraftSize = z.strictObject({
  weightBytes: z.int().min(0),
  /** Its KV cache, for each token of context. */
  tokenBytes: z.int().min(0),
})
export type DraftSize = z.infer<typeof DraftSize>

/** What a placement is chosen for: one fast answer, many answers at once, or the fewest nodes. */
export const OptimizeGoal = z.enum(['latency', 'throughput', 'memory'])
export type OptimizeGoal = z.infer<typeof OptimizeGoal>

/** The request, which also applies to a new placement after a failure. */
export const PlacementRequest = z.strictObject({
  /** null: the best strategy that is possible. */
  strategy: ParallelStrategy.nullable().default(null),
  backend: z.enum(['jaccl', 'ring']).nullable().default(null),
  minNodes: z.int().min(1).default(1),
  /** Absent: `memory`. */
  optimize: OptimizeGoal.optional(),
  contextTokens: z.int().min(1),
  /** The smallest acceptable context if memory is short; absent: no smaller one. */
  minContextTokens: z.int().min(1).optional(),
  /** Bits per number of the KV cache, where the model allows it. */
  kvBits: KvBits.optional(),
  /** The share of a node's free memory that stays free. */
  headroomRatio: z.number().min(0).max(0.9).default(0.1),
  /** The only nodes that may hold a shard; absent: all may. */
  onlyNodes: z.array(NodeId).min(1).optional(),
  /** Proposes continuations if a request names no other draft model; loaded by rank 0 on first use. */
  draftModelId: ModelId.optional(),
  /** The memory that rank 0 keeps free for it; absent: none. */
  draftSize: DraftSize.optional(),
})
export type PlacementRequest = z.infer<typeof PlacementRequest>
