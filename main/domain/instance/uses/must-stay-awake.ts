import type { ClusterState } from '../../cluster/cluster-state.ts'
import type { NodeId } from '../../../shared/ids.ts'

/** Whether others would miss this machine if it went to sleep: it holds part of a model, or belongs to a cluster of several. */
export function mustStayAwake({ nodes, instances }: Pick<ClusterState, 'nodes' | 'instances'>, nodeId: NodeId): boolean {
  if (Object.keys(nodes).length > 1) return true
  return Object.values(instances).some(({ placement }) => placement.shards.some((shard) => shard.nodeId === nodeId))
}
