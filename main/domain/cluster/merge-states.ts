import type { NodeId } from '../../shared/ids.ts'
import type { ClusterEvent } from '../../shared/wire/cluster-event.ts'
import { applyEvent } from './apply-event.ts'
import type { ClusterState, InstanceState } from './cluster-state.ts'

const STATUS_ORDER: Readonly<Record<InstanceState['status'], number>> = { ready: 3, loading: 2, recovering: 1, failed: 0 }

/**
 * What a leader must log to take in the state that `other` nodes followed while they were apart: after a partition, or
 * when the last events of a dead leader reached only some.
 *
 * Instances that live survive both sides. Where both sides know one, the copy that is further (ready before loading
 * before recovering) stays, then the newer epoch, then the leader's own. What either side has deleted stays deleted.
 * Facts about a node are taken from the side that it was on: `othersNodes`.
 */
export function mergeStates(own: ClusterState, other: ClusterState, othersNodes: ReadonlySet<NodeId>): ClusterEvent[] {
  const events: ClusterEvent[] = []
  for (const node of Object.values(other.nodes)) {
    if (!othersNodes.has(node.nodeId)) continue
    if (!own.nodes[node.nodeId]) events.push({ type: 'node-joined', node })
    for (const link of other.links[node.nodeId] ?? []) events.push({ type: 'link-observed', link })
    for (const [modelId, stored] of Object.entries(other.storedModels[node.nodeId] ?? {})) {
      events.push({ type: 'model-stored', nodeId: node.nodeId, modelId: modelId as never, ...stored })
    }
  }
  for (const instanceId of other.deletedInstances) {
    if (own.instances[instanceId]) events.push({ type: 'instance-deleted', instanceId, reason: 'deleted while this part of the cluster was apart' })
  }
  for (const instance of Object.values(other.instances)) {
    if (own.deletedInstances.includes(instance.instanceId)) continue
    const known = own.instances[instance.instanceId]
    if (!known || isFurther(instance, known)) events.push({ type: 'instance-adopted', ...instance })
  }
  return changing(own, events)
}

function isFurther(candidate: InstanceState, known: InstanceState): boolean {
  const order = STATUS_ORDER[candidate.status] - STATUS_ORDER[known.status]
  return order !== 0 ? order > 0 : candidate.epoch > known.epoch
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
