import type { ModelCard } from '../../../shared/models/model-card.ts'
import { type Placement, PlacementRequest } from '../../../shared/placement.ts'
import type { NoForecast, SpeedForecast } from '../../../shared/speed/speed-forecast.ts'
import { Topology } from '../../../shared/topology.ts'
import { placeInstance } from '../../placement/place-instance.ts'
import { forecastSpeed } from '../forecast-speed.ts'
import { placeForGoal } from '../place-for-goal.ts'

export type PlanOptions = Partial<PlacementRequest>

/** The output of `exo plan`. */
export type Plan = Omit<Placement, 'addressMatrix'> & { readonly speed: SpeedForecast | NoForecast }

/**
 * Plans a placement on the machines of a topology file, with the same code that places instances.
 *
 * @param topology - as read from the file, not yet validated
 * @throws ZodError if the topology is invalid; PlacementError with the missing requirements
 */
export function planFromTopology(card: ModelCard, topology: unknown, options: PlanOptions = {}): Plan {
  const request = PlacementRequest.parse({ contextTokens: card.contextTokens, ...options })
  const parsed = Topology.parse(topology)
  const isImagined = parsed.links.every((link) => link.kind === 'rdma')
  const placement = placeForGoal(card, parsed, request, (goalless) => placeInstance(card, parsed, goalless, isImagined))
  const { addressMatrix: _, ...plan } = placement
  return { ...plan, speed: forecastSpeed(card, placement, parsed) }
}
