import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology, TopologyNode } from '../../shared/topology.ts'
import { placeWithContext } from './place-with-context.ts'
import { PlacementError } from './placement-error.ts'

export type Preview =
  | Pick<Placement, 'strategy' | 'backend' | 'jacclRing' | 'contextTokens' | 'shards' | 'rdmaMatrix' | 'fallbacks'>
  | { strategy: Placement['strategy']; backend: Placement['backend']; minNodes: number; error: string }

/** With more nodes than this, only the smallest groups are shown, because each preview is a search. */
const ALL_SIZES_LIMIT = 16

/**
 * Every way in which a model could be placed, for the user to choose from: on one node, and with each strategy over
 * each backend and number of nodes, or the reason why that is not possible.
 */
export function previews(card: ModelCard, topology: Topology, request: PlacementRequest): Preview[] {
  const ways = (['pipeline', 'tensor'] as const).flatMap((strategy) =>
    (['jaccl', 'ring'] as const).map((backend) => ({ strategy, backend })),
  )
  const shared = ways.flatMap(({ strategy, backend }) => {
    const shown: Preview[] = []
    for (const minNodes of groupSizes(Object.keys(topology.nodes).length, request.minNodes)) {
      // A placement with at least this many nodes is already shown, because fewer do not suffice.
      if (shown.some((other) => 'shards' in other && other.shards.length >= minNodes)) continue
      shown.push(preview(card, topology, { ...request, strategy, backend, minNodes }, backend))
    }
    return shown
  })
  if (request.minNodes > 1) return shared
  return [previewOnOneNode(card, topology, { ...request, strategy: 'pipeline', backend: null, minNodes: 1 }), ...shared]
}

function groupSizes(nodeCount: number, minNodes: number): number[] {
  const least = Math.max(2, minNodes)
  return Array.from({ length: nodeCount > ALL_SIZES_LIMIT ? 1 : Math.max(1, nodeCount - least + 1) }, (_, index) => least + index)
}

/** If it does not fit, the number of bytes that the largest node lacks. */
function previewOnOneNode(card: ModelCard, topology: Topology, request: PlacementRequest): Preview {
  const unlinked = preview(card, { nodes: topology.nodes, links: [] }, request, 'local')
  const [largest] = Object.entries<TopologyNode>(topology.nodes).sort(([, a], [, b]) => b.availableBytes - a.availableBytes)
  const isShown = !('error' in unlinked) || !largest
  return isShown ? unlinked : preview(card, { nodes: { [largest[0]]: largest[1] }, links: [] }, request, 'local')
}

function preview(card: ModelCard, topology: Topology, request: PlacementRequest, backend: Placement['backend']): Preview {
  try {
    const { strategy, backend, jacclRing, contextTokens, shards, rdmaMatrix, fallbacks } = placeWithContext(card, topology, request)
    return { strategy, backend, jacclRing, contextTokens, shards, rdmaMatrix, fallbacks }
  } catch (error) {
    if (!(error instanceof PlacementError)) throw error
    return { strategy: request.strategy ?? 'pipeline', backend, minNodes: request.minNodes, error: error.message }
  }
}
