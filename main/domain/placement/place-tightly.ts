import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { placeWithContext } from './place-with-context.ts'
import { PlacementError } from './placement-error.ts'
import { workerBytes } from './worker-bytes.ts'

/**
 * Places a model when `--max-memory` leaves too little for the workers themselves, as if the limit applied only to
 * models, and notes that in the placement.
 *
 * @param lacking - why it cannot be placed when workers are counted; thrown if it cannot be placed in any case
 */
export function placeTightly(card: ModelCard, topology: Topology, request: PlacementRequest, lacking: PlacementError): Placement {
  if (lacking.code !== 'not-enough-memory' || !Object.values(topology.nodes).some(({ isCapped }) => isCapped)) throw lacking
  const nodes = Object.fromEntries(Object.entries(topology.nodes).map(([nodeId, { isCapped: _, ...node }]) => [nodeId, node]))
  try {
    const placement = placeWithContext(card, { ...topology, nodes }, request)
    const reason = `a worker of ${card.modelId} takes ${formatBytes(workerBytes(card))} besides the model, more than --max-memory leaves`
    return {
      ...placement,
      fallbacks: [...placement.fallbacks, { from: 'a limit on the whole worker', to: 'a limit on the model alone', reason }],
    }
  } catch (error) {
    throw error instanceof PlacementError ? lacking : error
  }
}
