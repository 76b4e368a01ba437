import type { NodeId } from '../../shared/ids.ts'
import type { KvBits } from '../../shared/models/kv-bits.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { draftBytes } from './draft-size.ts'
import { kvElementBytes } from './kv/kv-element-bytes.ts'
import { type ModelSizes, modelSizes } from './layout/model-sizes.ts'
import type { PlacementNode } from './layout/placement-node.ts'
import { workerBytes } from './worker-bytes.ts'

/** What a placement is computed from. */
export interface PlacementBasis {
  /** Of a group of different machines: each rank is given the size of the largest KV cache among them. */
  readonly sizes: ModelSizes
  sizesOn(nodeId: NodeId): ModelSizes
  /** In the order of the ids. */
  readonly nodes: readonly PlacementNode[]
}

/** The sizes of a model, and the memory that nodes have for it. */
export function placementBasis(
  card: ModelCard,
  topology: Topology,
  request: PlacementRequest,
  {
    nodeIds,
    contextTokens,
    kvBits,
  }: { readonly nodeIds: readonly NodeId[]; readonly contextTokens: number; readonly kvBits: KvBits | undefined },
): PlacementBasis {
  const sizesOn = (nodeId: NodeId | undefined): ModelSizes =>
    modelSizes(
      card,
      contextTokens,
      kvElementBytes(card, nodeId && topology.nodes[nodeId]?.platform, kvBits),
      draftBytes(request, contextTokens),
    )
  const sizes = nodeIds
    .map(sizesOn)
    .reduce((widest, next) => (next.kvBytesPerLayer > widest.kvBytesPerLayer ? next : widest), sizesOn(undefined))
  const nodes = nodeIds.map((nodeId): PlacementNode => {
    const { availableBytes = 0, isCapped = false } = topology.nodes[nodeId] ?? {}
    const headroomBytes = availableBytes * request.headroomRatio
    return {
      nodeId,
      usableBytes: Math.max(0, Math.floor(availableBytes - (isCapped ? Math.max(headroomBytes, workerBytes(card)) : headroomBytes))),
    }
  })
  return { sizes, sizesOn, nodes }
}
