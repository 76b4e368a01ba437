import type { PlacedShard } from '../../../shared/placement.ts'
import { assignLayers } from './assign-layers.ts'
import { pacedHeadLayers, type ModelSizes, wholeModelBytes } from './model-sizes.ts'
import { pipelineStages, shardsOfStages } from './pipeline-stages.ts'
import type { PlacementNode } from './placement-node.ts'

/**
 * Layers in proportion to memory, the embedding on stage 0, and the head and a draft on the last stage, which is rank 0. If each
 * node could hold the whole model, memory does not matter, and the head counts as the number of layers that take as
 * long: all stages should take about the same time, because the slowest sets the pace.
 *
 * @param nodeByRank - shape [worldSize]
 * @returns index = rank; null if these nodes, in this order, cannot hold the model
 */
export function getShardAssignmentsForPipelineParallel(sizes: ModelSizes, nodeByRank: readonly PlacementNode[]): PlacedShard[] | null {
  const stages = pipelineStages(sizes, nodeByRank)
  const isRoomy = nodeByRank.every(({ usableBytes }) => usableBytes >= wholeModelBytes(sizes))
  const loads = nodeByRank.map((_, stage) => (isRoomy && stage === nodeByRank.length - 1 ? pacedHeadLayers(sizes) : 0))
  const counts = assignLayers(sizes.layers, stages.freeBytes, stages.capacities, loads)
  return counts && shardsOfStages(sizes, stages, counts)
}
