import type { ModelId, NodeId } from '../../../shared/ids.ts'
import { ownValue } from '../../../shared/own-value.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { applyEvent } from './apply-event.ts'
import type { ClusterState, InstanceState } from '../cluster-state.ts'

const STATUS_ORDER: Readonly<Record<InstanceState['status'], number>> = { ready: 3, loading: 2, recovering: 1, failed: 0 }

/**
 * The events that a leader must log to merge the state that `other` nodes followed while they were separated: after a
 * partition, or when only some nodes received the last events of a dead leader.
 *
 * Live instances of both sides are kept. If both sides have an instance, the other copy replaces this one only if all
 * its nodes are here and it is further: ready while this one is not, or in the same stage and newer while this one is
 * not in use here. Deletions of either side persist.
 *
 * @param liveNodes - the nodes that this leader can reach, including itself; nodes that are already in its state report
 *   the rest themselves
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
