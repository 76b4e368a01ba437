import type { PlacedShard } from '../../../shared/placement.ts'
import { endBytes, type ModelSizes } from './model-sizes.ts'
import type { PlacementNode } from './placement-node.ts'

/**
 * The share of each of `worldSize` ranks: equal parts of every layer and of the KV cache (latents are not split), and
 * the whole embedding and head.
 */
export function tensorShardBytes(sizes: ModelSizes, worldSize: number): { weightBytes: number; kvBytes: number } {
  return {
    weightBytes: Math.ceil(sizes.layersBytes / worldSize) + endBytes(sizes, { isFirst: true, isLast: true }),
    kvBytes: Math.ceil((sizes.layers * sizes.kvBytesPerLayer) / (sizes.isKvReplicated ? 1 : worldSize)),
  }
}

/**
 * All layers on every rank, with heads and MLP split evenly. Divisibility is checked separately: `tensorObstacle`.
 *
 * @param nodeByRank - shape [worldSize]
 * @returns index = rank; null if a node cannot hold its part
 */
export function getShardAssignmentsForTensorParallel(sizes: ModelSizes, nodeByRank: readonly PlacementNode[]): PlacedShard[] | null {
  const { weightBytes, kvBytes } = tensorShardBytes(sizes, nodeByRank.length)
  const besideBytes = (rank: number): number => (rank === 0 ? sizes.besideBytes : 0)
  if (nodeByRank.some((node, rank) => node.usableBytes < weightBytes + kvBytes + besideBytes(rank))) return null
  return nodeByRank.map(({ nodeId }, rank) => ({ nodeId, rank, stage: 0, layers: { start: 0, end: sizes.layers }, weightBytes, kvBytes }))
}
