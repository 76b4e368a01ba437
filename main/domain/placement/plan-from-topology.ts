import type { ModelCard } from '../../shared/models/model-card.ts'
import { type Placement, PlacementRequest } from '../../shared/placement.ts'
import { Topology } from '../../shared/topology.ts'
import { placeInstance } from './place-instance.ts'

export type PlanOptions = Partial<PlacementRequest>

/** What `exo plan` prints. */
export type Plan = Omit<Placement, 'addressMatrix'>

/**
 * Where a model would go on machines that one may not have: the code that places instances, on a topology file.
 *
 * @param topology - as read from the file, not yet checked
 * @throws ZodError when the topology is none; PlacementError with what is missing
 */
export function planFromTopology(card: ModelCard, topology: unknown, options: PlanOptions = {}): Plan {
  const request = PlacementRequest.parse({ contextTokens: card.contextTokens, ...options })
  const parsed = Topology.parse(topology)
  const isImagined = parsed.links.every((link) => link.kind === 'rdma')
  const { addressMatrix: _, ...plan } = placeInstance(card, parsed, request, isImagined)
  return plan
}
