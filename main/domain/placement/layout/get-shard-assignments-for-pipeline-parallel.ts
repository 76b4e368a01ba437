import type { PlacedShard } from '../../../shared/placement.ts'
import { assignLayers } from './assign-layers.ts'
import { bytesPerLayer, endBytes, headLayers, layerRangeBytes, type ModelSizes, wholeModelBytes } from './model-sizes.ts'
import type { PlacementNode } from './placement-node.ts'
import { rankOfStage } from './rank-of-stage.ts'

/**
 * Layers in proportion to memory, the embedding on stage 0, and the head and a draft on the last stage, which is rank 0. If each
 * node could hold the whole model, memory does not matter, and the head counts as the number of layers that take as
 * long: all stages should take the same time, because the slowest sets the pace.
 *
 * @param nodeByRank - shape [worldSize]
 * @returns index = rank; null if these nodes, in this order, cannot hold the model
 */
export function getShardAssignmentsForPipelineParallel(sizes: ModelSizes, nodeByRank: readonly PlacementNode[]): PlacedShard[] | null {
  const worldSize = nodeByRank.length
  const nodeByStage = nodeByRank.map((_, stage) => nodeByRank[rankOfStage(stage, worldSize)] as PlacementNode)
  const endsOf = (stage: number): { isFirst: boolean; isLast: boolean } => ({ isFirst: stage === 0, isLast: stage === worldSize - 1 })
  const freeBytes = nodeByStage.map((node, stage) => {
    const ends = endsOf(stage)
    return Math.max(0, node.usableBytes - endBytes(sizes, ends) - (ends.isLast ? sizes.besideBytes : 0))
  })
  const isRoomy = nodeByStage.every(({ usableBytes }) => usableBytes >= wholeModelBytes(sizes))
  const counts = assignLayers(
    sizes.layers,
    freeBytes,
    freeBytes.map((bytes) => Math.floor(bytes / bytesPerLayer(sizes))),
    nodeByStage.map((_, stage) => (isRoomy && endsOf(stage).isLast ? headLayers(sizes) : 0)),
  )
  if (!counts) return null
  let start = 0
  const byStage = nodeByStage.map((node, stage): PlacedShard => {
    const count = counts[stage] ?? 0
    const layers = { start, end: start + count }
    start = layers.end
    const weightBytes = layerRangeBytes(sizes, layers.start, layers.end) + endBytes(sizes, endsOf(stage))
    return { nodeId: node.nodeId, rank: rankOfStage(stage, worldSize), stage, layers, weightBytes, kvBytes: count * sizes.kvBytesPerLayer }
  })
  return byStage.reverse()
}
