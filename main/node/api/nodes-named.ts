import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'

/**
 * The ids of nodes that a person named.
 *
 * @param names - names of machines in any case, ids, or the beginnings of ids
 * @throws AppError `node-not-found` that lists the nodes
 */
export function nodesNamed(names: readonly string[], { nodes }: Pick<ClusterState, 'nodes'>): NodeId[] {
  const all = Object.values<NodeFacts>(nodes)
  return names.map((wanted) => {
    const lower = wanted.toLowerCase()
    const exact = all.find(({ nodeId, name }) => nodeId === wanted || name.toLowerCase() === lower)
    const starting = all.filter(({ nodeId }) => wanted.length >= 4 && nodeId.startsWith(wanted))
    const found = exact ?? (starting.length === 1 ? starting[0] : undefined)
    if (found) return found.nodeId
    throw new AppError(
      'node-not-found',
      `There is no node "${wanted}" in this cluster. Nodes: ${all.map(({ name }) => name).join(', ')}.`,
      {
        node: wanted,
      },
    )
  })
}
