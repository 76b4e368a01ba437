import type { NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacedShard, Placement } from '../../shared/placement.ts'

/** All of a model on one node, regardless of its free memory. */
export function placeWhole(
  { layers, weightBytes, contextTokens }: ModelCard,
  nodeId: NodeId,
): { readonly placement: Placement; readonly shard: PlacedShard } {
  const shard: PlacedShard = { nodeId, rank: 0, stage: 0, layers: { start: 0, end: layers }, weightBytes, kvBytes: 0 }
  const placement: Placement = {
    strategy: 'pipeline',
    backend: 'local',
    jacclRing: false,
    contextTokens,
    shards: [shard],
    rdmaMatrix: null,
    addressMatrix: [[null]],
    fallbacks: [],
  }
  return { placement, shard }
}
