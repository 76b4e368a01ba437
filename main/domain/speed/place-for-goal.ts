import type { ModelCard } from '../../shared/models/model-card.ts'
import { OptimizeGoal, type Placement, type PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { PlacementError } from '../placement/placement-error.ts'
import { placeWithContext } from '../placement/place-with-context.ts'
import { balanceLayers, TYPICAL_CONTEXT_TOKENS } from './balance-layers.ts'
import { forecastSpeed, likelyTokensPerSecond } from './forecast-speed.ts'

/** More machines must be faster by this factor, because each of them can fail and is not free for other models. */
const WORTHWHILE = 1.1
/** A split by speed must be faster by this factor than one by memory. */
const NOTICEABLE = 1.02
/** With more nodes, only the smallest group of each kind is compared, because each placement is a search. */
const ALL_SIZES_LIMIT = 16

/**
 * Places a model by the goal of the request: with `memory`, or without known speeds, on the fewest nodes; with `latency`
 * so that one request is answered fastest; with `throughput` so that eight requests at once are. With either, unequal machines hold
 * layers by their speed.
 *
 * @param place - places the model without a goal
 * @throws PlacementError if no placement is possible
 */
export function placeForGoal(
  card: ModelCard,
  topology: Topology,
  request: PlacementRequest,
  place: (request: PlacementRequest) => Placement = (plain) => placeWithContext(card, topology, plain),
): Placement {
  const { optimize = OptimizeGoal.enum.memory, ...plain } = request
  const smallest = place(plain)
  if (optimize === 'memory') return smallest
  const speedOf = (placement: Placement): number => {
    const forecast = forecastSpeed(card, placement, topology)
    if ('unknown' in forecast) return 0
    return optimize === 'latency' ? likelyTokensPerSecond(forecast, TYPICAL_CONTEXT_TOKENS) : forecast.sharedTokensPerSecond.likely
  }
  const balanced = (placement: Placement): Placement => {
    const bySpeed = balanceLayers(card, placement, topology, plain, optimize)
    // For one request, a lopsided split is worth it only between unequal machines.
    return optimize === 'throughput' || speedOf(bySpeed) > speedOf(placement) * NOTICEABLE ? bySpeed : placement
  }
  const first = balanced(smallest)
  let best = { placement: first, speed: speedOf(first) }
  if (best.speed === 0) return withReason(smallest, optimize, 'the speed of its machines is unknown')
  for (const kind of otherRequests(card, topology, plain, smallest)) {
    for (const each of kind) {
      const found = placeIfPossible(place, each)
      // Larger groups of this kind are not possible either.
      if (!found) break
      const candidate = balanced(found)
      const speed = speedOf(candidate)
      const isLarger = candidate.shards.length > best.placement.shards.length
      if (speed > best.speed * (isLarger ? WORTHWHILE : 1)) best = { placement: candidate, speed }
    }
  }
  return best.placement
}

/** By strategy and backend, smallest group first. */
function otherRequests(card: ModelCard, topology: Topology, request: PlacementRequest, smallest: Placement): PlacementRequest[][] {
  const nodeCount = Object.keys(topology.nodes).length
  const least = Math.max(2, request.minNodes)
  const most = nodeCount > ALL_SIZES_LIMIT ? Math.min(nodeCount, Math.max(least, smallest.shards.length)) : nodeCount
  const sizes = Array.from({ length: Math.max(0, most - least + 1) }, (_, index) => least + index)
  const strategies = request.strategy === null ? card.strategies : [request.strategy]
  const backends = request.backend === null ? (['jaccl', 'ring'] as const) : [request.backend]
  return strategies.flatMap((strategy) => backends.map((backend) => sizes.map((minNodes) => ({ ...request, strategy, backend, minNodes }))))
}

function placeIfPossible(place: (request: PlacementRequest) => Placement, request: PlacementRequest): Placement | null {
  try {
    return place(request)
  } catch (error) {
    if (error instanceof PlacementError) return null
    throw error
  }
}

function withReason(placement: Placement, goal: OptimizeGoal, reason: string): Placement {
  return { ...placement, fallbacks: [...placement.fallbacks, { from: `a placement for ${goal}`, to: 'the fewest nodes', reason }] }
}
