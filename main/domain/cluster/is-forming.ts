import type { ClusterState } from './cluster-state.ts'
import type { NodeId } from '../../shared/ids.ts'

/** Whether any node has not reported its free memory or its links yet. */
export function isForming(state: ClusterState, availableBytes: Readonly<Record<NodeId, number>>): boolean {
  const nodeIds = Object.values(state.nodes).map(({ nodeId }) => nodeId)
  const reachedFrom = (nodeId: NodeId): number => new Set((state.links[nodeId] ?? []).map(({ to }) => to)).size
  return nodeIds.some((nodeId) => availableBytes[nodeId] === undefined || reachedFrom(nodeId) < nodeIds.length - 1)
}
