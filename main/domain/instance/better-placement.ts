import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import { type ClusterState, type InstanceState, linksOf } from '../cluster/cluster-state.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { placeInstance } from '../placement/place-instance.ts'
import { placeForGoal } from '../speed/place-for-goal.ts'
import { linksBetween } from '../topology/links-between.ts'
import { placedPaths } from './paths/placed-paths.ts'

/** Smaller differences are measurement noise, or not worth two seconds of loading. */
const BETTER_RATIO = 2
const BETTER_BY_MS = 1

/** The connection between the ranks of a group. */
interface GroupPath {
  /** JACCL mesh, JACCL ring, Thunderbolt, anything else. */
  readonly transport: number
  /** The cost of the slowest pair; infinite if a pair no longer has a path. */
  readonly roundTripMs: number
}

/**
 * A placement that an idle instance should move to; null: there is none. Either on more nodes, if the instance has fewer
 * than its request asks for because one had left, or on the same nodes over much better paths.
 */
export function betterPlacement(
  state: ClusterState,
  instance: InstanceState,
  availableBytes: Readonly<Record<NodeId, number>>,
): Placement | null {
  const { instanceId, card, placement, request } = instance
  const nodeIds = placement.shards.map(({ nodeId }) => nodeId)
  if (nodeIds.length < request.minNodes) return requestedPlacement(state, instance, availableBytes)
  if (placement.backend === 'local' || nodeIds.length < 2) return null
  try {
    const { nodes, ...between } = clusterTopology(state, availableBytes, [instanceId])
    // The model already fits on these nodes, so the memory of the workers is not counted again.
    const topology = {
      ...between,
      nodes: Object.fromEntries(Object.entries(nodes).map(([nodeId, node]) => [nodeId, { ...node, isCapped: false }])),
    }
    const found = placeInstance(card, topology, {
      ...request,
      contextTokens: placement.contextTokens,
      minNodes: nodeIds.length,
      onlyNodes: nodeIds,
    })
    return isBetter(pathOf(state, found), pathOf(state, placement)) ? found : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function requestedPlacement(
  state: ClusterState,
  { instanceId, card, placement, request }: InstanceState,
  availableBytes: Readonly<Record<NodeId, number>>,
): Placement | null {
  try {
    const found = placeForGoal(card, clusterTopology(state, availableBytes, [instanceId]), request)
    return found.contextTokens >= placement.contextTokens ? found : null
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function isBetter(found: GroupPath, used: GroupPath): boolean {
  if (found.transport !== used.transport) return found.transport < used.transport
  return used.roundTripMs > found.roundTripMs * BETTER_RATIO && used.roundTripMs - found.roundTripMs > BETTER_BY_MS
}

function pathOf(state: ClusterState, placement: Placement): GroupPath {
  if (placement.backend === 'jaccl') return { transport: placement.jacclRing ? 1 : 0, roundTripMs: 0 }
  const between = linksBetween(linksOf(state))
  const paths = placedPaths(placement).map(({ from, to, address }) => {
    const link = between(from, to).find((candidate) => candidate.kind === 'tcp' && candidate.address === address)
    return { isThunderbolt: link?.kind === 'tcp' && link.medium === 'thunderbolt', roundTripMs: link ? (link.roundTripMs ?? 0) : Infinity }
  })
  return {
    transport: paths.every(({ isThunderbolt }) => isThunderbolt) ? 2 : 3,
    roundTripMs: Math.max(0, ...paths.map(({ roundTripMs }) => roundTripMs)),
  }
}
