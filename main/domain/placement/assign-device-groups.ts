import type { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import type { TrifurcatedRole } from '../../shared/wire/api/trifurcated.ts'
import type { InstanceState } from '../cluster/cluster-state.ts'
import { placeWithContext } from './place-with-context.ts'
import { PlacementError } from './placement-error.ts'
import { restrictTopology } from './restrict-topology.ts'

/** The nodes and the instance of one role of a trifurcated inference. */
export interface DeviceGroup {
  readonly role: TrifurcatedRole
  readonly card: ModelCard
  /** The role whose instance it uses; null: its own. */
  readonly with: TrifurcatedRole | null
  /** null: it must be placed on these nodes. A role that uses another's instance has that one's id. */
  readonly instanceId: InstanceId | null
  /** Index = rank. */
  readonly nodes: readonly NodeId[]
  /** Roles that run on some of the same nodes. */
  readonly sharesWith: readonly TrifurcatedRole[]
  /** Why the main model takes the place of the requested model, for the user; null: the requested model is used. */
  readonly obstacle: string | null
}

export interface DeviceGroupInput {
  readonly cards: Readonly<Record<TrifurcatedRole, ModelCard>>
  /** The memory that is free in addition to the instances. */
  readonly topology: Topology
  readonly instances: readonly Pick<InstanceState, 'instanceId' | 'card' | 'placement' | 'status'>[]
  readonly request: PlacementRequest
}

type Spot = Pick<DeviceGroup, 'card' | 'with' | 'instanceId' | 'nodes' | 'obstacle'>
type Spots = Map<TrifurcatedRole, Spot>

/** Main first: if there are few nodes, the other roles get none of their own. */
const ORDERS: readonly (readonly TrifurcatedRole[])[] = [
  ['main', 'speculative', 'validator'],
  ['main', 'validator', 'speculative'],
  ['speculative', 'main', 'validator'],
  ['validator', 'main', 'speculative'],
  ['speculative', 'validator', 'main'],
  ['validator', 'speculative', 'main'],
]

/**
 * The roles whose instance of the same model may be shared, starting with the one that is least busy at the same time.
 * The validator works last.
 */
const PARTNERS: Readonly<Record<TrifurcatedRole, readonly TrifurcatedRole[]>> = {
  validator: ['main', 'speculative'],
  main: ['validator', 'speculative'],
  speculative: ['validator', 'main'],
}

/**
 * Gives validator, main and speculative model disjoint groups of nodes if there are enough, or else lets them share.
 * Existing instances are used before new ones are placed.
 *
 * @returns in the order validator, main, speculative
 * @throws PlacementError if not even the main model can be placed
 */
export function assignDeviceGroups(input: DeviceGroupInput): DeviceGroup[] {
  let best: Spots = new Map()
  for (const order of ORDERS) {
    const spots = disjointSpots(order, input)
    if (spots.size > best.size) best = spots
    if (best.size === order.length) break
  }
  const spots = best
  for (const role of ['main', 'speculative', 'validator'] as const) {
    if (!spots.has(role)) spots.set(role, sharedSpot(role, spots, input))
  }
  const roles: readonly TrifurcatedRole[] = ['validator', 'main', 'speculative']
  const nodesOf = (role: TrifurcatedRole): readonly NodeId[] => spots.get(role)?.nodes ?? []
  return roles.flatMap((role) => {
    const spot = spots.get(role)
    const sharesWith = roles.filter((other) => other !== role && nodesOf(other).some((nodeId) => nodesOf(role).includes(nodeId)))
    return spot ? [{ role, ...spot, sharesWith }] : []
  })
}

function disjointSpots(order: readonly TrifurcatedRole[], input: DeviceGroupInput): Spots {
  const spots: Spots = new Map()
  const used = new Set<NodeId>()
  for (const role of order) {
    const unused = (Object.keys(input.topology.nodes) as NodeId[]).filter((nodeId) => !used.has(nodeId)).sort()
    const spot = servingSpot(input, input.cards[role], new Set(unused)) ?? newSpot(input, input.cards[role], unused)
    if (!spot || spot instanceof PlacementError) continue
    spots.set(role, spot)
    for (const nodeId of spot.nodes) used.add(nodeId)
  }
  return spots
}

/** The instance among these nodes that uses the fewest nodes, ready ones first, because it leaves the most nodes to the other roles. */
function servingSpot({ instances }: DeviceGroupInput, card: ModelCard, nodeIds: ReadonlySet<NodeId>): Spot | null {
  const candidates = instances
    .filter(({ card: { modelId }, status }) => modelId === card.modelId && status !== 'failed')
    .map(({ instanceId, status, placement }) => ({
      instanceId,
      isReady: status === 'ready',
      nodes: placement.shards.map(({ nodeId }) => nodeId),
    }))
    .filter(({ nodes }) => nodes.every((nodeId) => nodeIds.has(nodeId)))
    .sort((a, b) => Number(b.isReady) - Number(a.isReady) || a.nodes.length - b.nodes.length || (a.instanceId < b.instanceId ? -1 : 1))
  const [first] = candidates
  return first ? { card, with: null, instanceId: first.instanceId, nodes: first.nodes, obstacle: null } : null
}

/** @returns the error if the model fits nowhere on these nodes; null if there are no nodes */
function newSpot({ topology, request }: DeviceGroupInput, card: ModelCard, nodeIds: readonly NodeId[]): Spot | PlacementError | null {
  if (nodeIds.length === 0) return null
  try {
    const { shards } = placeWithContext(card, restrictTopology(topology, nodeIds), request)
    return { card, with: null, instanceId: null, nodes: shards.map(({ nodeId }) => nodeId), obstacle: null }
  } catch (error) {
    if (error instanceof PlacementError) return error
    throw error
  }
}

/** For a role without nodes of its own. */
function sharedSpot(role: TrifurcatedRole, spots: Spots, input: DeviceGroupInput): Spot {
  const card = input.cards[role]
  const allNodes = Object.keys(input.topology.nodes) as NodeId[]
  const own = partnerSpot(role, card.modelId, spots) ?? servingSpot(input, card, new Set(allNodes)) ?? newSpot(input, card, allNodes.sort())
  if (own && !(own instanceof PlacementError)) return own
  const main = spots.get('main')
  if (!main) throw own ?? new PlacementError('no-nodes', 'There are no nodes.', {})
  return {
    ...main,
    with: 'main',
    obstacle: `${card.modelId} does not fit beside the other models: ${own?.message ?? 'there are no free nodes.'}`,
  }
}

function partnerSpot(role: TrifurcatedRole, modelId: ModelId, spots: Spots): Spot | null {
  for (const partner of PARTNERS[role]) {
    const spot = spots.get(partner)
    if (spot?.card.modelId === modelId) return { ...spot, with: spot.with ?? partner, obstacle: null }
  }
  return null
}
