import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { ClusterEvent } from '../../shared/wire/cluster-event.ts'
import { type ClusterState, type InstanceState, linksOf } from '../cluster/cluster-state.ts'
import { fallBackToTcp } from '../launch/fall-back-to-tcp.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { placeWithContext } from '../placement/place-with-context.ts'

/** Placements in a row that did not become ready, after which an instance is given up. */
export const MAX_ATTEMPTS = 5

/** Failures that come back wherever the model is placed. */
const LASTING_CODES: ReadonlySet<string> = new Set(['model-not-found', 'model-damaged', 'model-unsupported', 'native-addon-missing', 'strategy-impossible', 'disk-full'])

export interface LeaderFacts {
  readonly availableBytes: Readonly<Record<NodeId, number>>
  /** Nodes whose link to the leader is broken, but that have not left yet. */
  readonly unlinked: ReadonlySet<NodeId>
}

/**
 * The leader's rules for the instances that are there, in the order in which they are tried:
 * all shards ready, then a node that left, then a shard that failed.
 */
export function manageInstances(state: ClusterState, facts: LeaderFacts): ClusterEvent[] {
  return Object.values<InstanceState>(state.instances).flatMap((instance) => whenAllReady(instance) ?? whenNodeLeft(state, instance, facts) ?? whenShardFailed(state, instance, facts) ?? [])
}

function whenAllReady(instance: InstanceState): ClusterEvent[] | null {
  const { instanceId, epoch, status, reasons } = instance
  const areReady = instance.shards.every((shard) => shard.status === 'ready')
  return areReady && (status === 'loading' || status === 'recovering') ? [{ type: 'instance-status', instanceId, epoch, status: 'ready', reasons }] : null
}

function whenNodeLeft(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  if (instance.status === 'failed') return null
  const left = instance.placement.shards.filter(({ nodeId }) => !state.nodes[nodeId])
  if (left.length === 0) return null
  return placeAnew(state, instance, facts, `${left.map(({ nodeId }) => nodeId.slice(0, 12)).join(', ')} left the cluster`)
}

function whenShardFailed(state: ClusterState, instance: InstanceState, facts: LeaderFacts): ClusterEvent[] | null {
  const { instanceId, epoch, placement, status } = instance
  const failed = instance.shards.findIndex((shard) => shard.status === 'failed')
  if (status === 'failed' || failed < 0) return null
  // A group fails together with the node that went: wait until it is known which one that is.
  if (placement.shards.some(({ nodeId }) => facts.unlinked.has(nodeId))) return null
  const { code, message } = instance.shards[failed] ?? {}
  const reason = `rank ${failed}: ${message ?? code ?? 'failed'}`
  if (code && LASTING_CODES.has(code)) return [{ type: 'instance-status', instanceId, epoch, status: 'failed', reasons: [...instance.reasons, reason] }]
  const overTcp = placement.backend === 'jaccl' && status !== 'ready' ? fallBackToTcp(placement, linksOf(state), reason) : null
  return overTcp ? [replaced(instance, overTcp, reason)] : placeAnew(state, instance, facts, reason)
}

function placeAnew(state: ClusterState, instance: InstanceState, facts: LeaderFacts, reason: string): ClusterEvent[] {
  const { instanceId, epoch, card, request } = instance
  const giveUp = (why: string): ClusterEvent[] => [{ type: 'instance-status', instanceId, epoch, status: 'failed', reasons: [...instance.reasons, reason, why].slice(-16) }]
  if (instance.attempt >= MAX_ATTEMPTS) return giveUp(`Given up after ${MAX_ATTEMPTS} tries.`)
  try {
    const topology = clusterTopology(state, facts.availableBytes, instanceId)
    // Fewer nodes than were asked for serve better than none.
    const minNodes = Math.min(request.minNodes, Object.keys(topology.nodes).length)
    return [replaced(instance, placeWithContext(card, topology, { ...request, minNodes: Math.max(1, minNodes) }), reason)]
  } catch (error) {
    if (error instanceof AppError) return giveUp(error.message)
    throw error
  }
}

function replaced(instance: InstanceState, placement: Placement, reason: string): ClusterEvent {
  const { instanceId, epoch, attempt, reasons } = instance
  return { type: 'instance-replaced', instanceId, epoch: epoch + 1, placement, attempt: attempt + 1, reasons: [...reasons, reason].slice(-16) }
}
