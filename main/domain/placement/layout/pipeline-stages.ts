import type { PlacedShard } from '../../../shared/placement.ts'
import { bytesPerLayer, endBytes, layerRangeBytes, type ModelSizes, type ShardEnds } from './model-sizes.ts'
import type { PlacementNode } from './placement-node.ts'
import { rankOfStage } from './rank-of-stage.ts'

/** The stages of a pipeline over given nodes, before layers are assigned. Index = stage. */
export interface PipelineStages {
  readonly nodeByStage: readonly PlacementNode[]
  /** Memory for layers. */
  readonly freeBytes: readonly number[]
  /** Whole layers that each stage can hold. */
  readonly capacities: readonly number[]
}

const endsOf = (stage: number, worldSize: number): ShardEnds => ({ isFirst: stage === 0, isLast: stage === worldSize - 1 })

/** @param nodeByRank - shape [worldSize] */
export function pipelineStages(sizes: ModelSizes, nodeByRank: readonly PlacementNode[]): PipelineStages {
  const worldSize = nodeByRank.length
  const nodeByStage = nodeByRank.map((_, stage) => nodeByRank[rankOfStage(stage, worldSize)] as PlacementNode)
  const freeBytes = nodeByStage.map((node, stage) => {
    const ends = endsOf(stage, worldSize)
    return Math.max(0, node.usableBytes - endBytes(sizes, ends) - (ends.isLast ? sizes.besideBytes : 0))
  })
  return { nodeByStage, freeBytes, capacities: freeBytes.map((bytes) => Math.floor(bytes / bytesPerLayer(sizes))) }
}

/**
 * The shards of a pipeline.
 *
 * @param counts - layers of each stage
 * @returns index = rank
 */
export function shardsOfStages(sizes: ModelSizes, { nodeByStage }: PipelineStages, counts: readonly number[]): PlacedShard[] {
  const worldSize = nodeByStage.length
  let start = 0
  const byStage = nodeByStage.map((node, stage): PlacedShard => {
    const count = counts[stage] ?? 0
    const layers = { start, end: start + count }
    start = layers.end
    const weightBytes = layerRangeBytes(sizes, layers.start, layers.end) + endBytes(sizes, endsOf(stage, worldSize))
    return { nodeId: node.nodeId, rank: rankOfStage(stage, worldSize), stage, layers, weightBytes, kvBytes: count * sizes.kvBytesPerLayer }
  })
  return byStage.reverse()
}
