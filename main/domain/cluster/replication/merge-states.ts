import type { ModelId, NodeId } from '../../../shared/ids.ts'
import { ownValue } from '../../../shared/own-value.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { applyEvent } from './apply-event.ts'
import type { ClusterState, InstanceState } from '../cluster-state.ts'

const STATUS_ORDER: Readonly<Record<InstanceState['status'], number>> = { ready: 3, loading: 2, recovering: 1, failed: 0 }

/**
 * The events that a leader must log to merge the state that `other` nodes followed while they were apart: after a partition, or
 * when the last events of a dead leader reached only some.
 *
 * Instances that live survive both sides. Where both sides know one, the other's copy replaces the own one only if all
 * its nodes are here and it is further: ready where the own one is not, or as far and newer without being in use here.
 * Deletions of either side persist.
 *
 * @param liveNodes - that this leader can reach, itself included; of nodes that its state has already, their own
 *   reports tell the rest
 */
export function mergeStates(own: ClusterState, other: ClusterState, liveNodes: ReadonlySet<NodeId>): ClusterEvent[] {
  const events: ClusterEvent[] = []
  for (const node of Object.values(other.nodes)) {
    if (ownValue(own.nodes, node.nodeId) || !liveNodes.has(node.nodeId)) continue
    events.push({ type: 'node-joined', node })
    for (const link of ownValue(other.links, node.nodeId) ?? []) events.push({ type: 'link-observed', link })
    for (const [modelId, stored] of Object.entries(ownValue(other.storedModels, node.nodeId) ?? {})) {
      events.push({ type: 'model-stored', nodeId: node.nodeId, modelId: modelId as ModelId, ...stored })
    }
  }
  for (const instanceId of other.deletedInstances) {
    if (ownValue(own.instances, instanceId))
      events.push({ type: 'instance-deleted', instanceId, reason: 'deleted while this part of the cluster was apart' })
  }
  for (const instance of Object.values<InstanceState>(other.instances)) {
    if (own.deletedInstances.includes(instance.instanceId)) continue
    const known = ownValue(own.instances, instance.instanceId)
    const isHere = instance.placement.shards.every(({ nodeId }) => liveNodes.has(nodeId))
    if (!known || (isHere && isFurther(instance, known))) events.push({ type: 'instance-adopted', ...instance })
  }
  return changing(own, events)
}

function isFurther(candidate: InstanceState, known: InstanceState): boolean {
  const order = STATUS_ORDER[candidate.status] - STATUS_ORDER[known.status]
  return order !== 0 ? order > 0 : known.status !== 'ready' && candidate.epoch > known.epoch
}

function changing(own: ClusterState, events: readonly ClusterEvent[]): ClusterEvent[] {
  let state = own
  return events.filter((event) => {
    const next = applyEvent(state, event)
    const isChange = next !== state
    state = next
    return isChange
  })
}
