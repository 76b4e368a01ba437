import type { ClusterState, InstanceState } from '../../../domain/cluster/cluster-state.ts'
import type { NodeId } from '../../../shared/ids.ts'
import type { PlacedShard } from '../../../shared/placement.ts'

/** A shard that the cluster's state puts on this node. */
export interface ShardAssignment {
  readonly instance: InstanceState
  readonly shard: PlacedShard
}

export function assignmentsOf(state: ClusterState, nodeId: NodeId): ShardAssignment[] {
  return Object.values(state.instances)
    .filter((instance) => instance.status !== 'failed')
    .flatMap((instance) => instance.placement.shards.filter((shard) => shard.nodeId === nodeId).map((shard) => ({ instance, shard })))
}
