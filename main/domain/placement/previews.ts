import type { ModelCard } from '../../shared/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology, TopologyNode } from '../../shared/topology.ts'
import { placeInstance } from './place-instance.ts'
import { PlacementError } from './placement-error.ts'

export type Preview =
  | Pick<Placement, 'strategy' | 'backend' | 'jacclRing' | 'shards' | 'rdmaMatrix' | 'fallbacks'>
  | { strategy: Placement['strategy']; backend: Placement['backend']; minNodes: number; error: string }

/**
 * Every way in which a model could be placed, for people to choose from: on one node, and each strategy over each
 * backend with as few nodes as it takes; where one cannot be, why.
 */
export function previews(card: ModelCard, topology: Topology, request: PlacementRequest): Preview[] {
  const minNodes = Math.max(2, request.minNodes)
  const ways = (['pipeline', 'tensor'] as const).flatMap((strategy) => (['jaccl', 'ring'] as const).map((backend) => ({ strategy, backend })))
  const shared = ways.map(({ strategy, backend }) => preview(card, topology, { ...request, strategy, backend, minNodes }, backend))
  if (request.minNodes > 1) return shared
  return [previewOnOneNode(card, topology, { ...request, strategy: 'pipeline', backend: null, minNodes: 1 }), ...shared]
}

/** Where it fits nowhere, what the largest node lacks. */
function previewOnOneNode(card: ModelCard, topology: Topology, request: PlacementRequest): Preview {
  const unlinked = preview(card, { nodes: topology.nodes, links: [] }, request, 'local')
  const [largest] = Object.entries<TopologyNode>(topology.nodes).sort(([, a], [, b]) => b.availableBytes - a.availableBytes)
  const isShown = !('error' in unlinked) || !largest
  return isShown ? unlinked : preview(card, { nodes: { [largest[0]]: largest[1] }, links: [] }, request, 'local')
}

function preview(card: ModelCard, topology: Topology, request: PlacementRequest, backend: Placement['backend']): Preview {
  try {
    const { strategy, backend, jacclRing, shards, rdmaMatrix, fallbacks } = placeInstance(card, topology, request)
    return { strategy, backend, jacclRing, shards, rdmaMatrix, fallbacks }
  } catch (error) {
    if (!(error instanceof PlacementError)) throw error
    return { strategy: request.strategy ?? 'pipeline', backend, minNodes: request.minNodes, error: error.message }
  }
}
