import { nodesNamed } from '../../domain/cluster/nodes-named.ts'
import { ClusterView, type NodeView } from '../../shared/cluster-view.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

export interface NamedNode {
  readonly nodeId: string
  readonly name: string
}

/**
 * The nodes that a command is about.
 *
 * @param state - the answer of `GET /state`
 * @param names - null: all nodes of the cluster
 * @throws AppError `node-not-found`
 */
export function chosenNodes(state: unknown, names: readonly string[] | null): NamedNode[] {
  const all = Object.entries<NodeView>(parseSaid(ClusterView, state).nodes).map(([nodeId, { name }]) => ({ nodeId, name }))
  return names === null ? all : nodesNamed(names, all)
}
