import type { ModelCard } from '../../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../../shared/placement.ts'
import type { ExpectedSpeed } from '../../../shared/speed/expected-speed.ts'
import type { Topology } from '../../../shared/topology.ts'
import { PlacementError } from '../../placement/placement-error.ts'
import { forecastSpeed } from '../forecast-speed.ts'
import { placeForGoal } from '../place-for-goal.ts'

/** The forecast for the placement that loading the model now would choose; null: it does not fit, or a speed is unknown. */
export function expectSpeed(card: ModelCard, topology: Topology, request: PlacementRequest): ExpectedSpeed | null {
  try {
    const placement = placeForGoal(card, topology, request)
    const forecast = forecastSpeed(card, placement, topology, { contexts: [0] })
    const tokensPerSecond = 'unknown' in forecast ? null : forecast.decode[0]?.tokensPerSecond
    return tokensPerSecond ? { machines: placement.shards.length, tokensPerSecond } : null
  } catch (error) {
    if (error instanceof PlacementError) return null
    throw error
  }
}
