import { AppError } from '../../shared/app-error.ts'

/**
 * The nodes that a person named.
 *
 * @param names - names of machines in any case, ids, or the beginnings of ids
 * @throws AppError `node-not-found` that lists the nodes
 */
export function nodesNamed<Node extends { readonly nodeId: string; readonly name: string }>(
  names: readonly string[],
  all: readonly Node[],
): Node[] {
  return names.map((wanted) => {
    const lower = wanted.toLowerCase()
    const exact = all.find(({ nodeId, name }) => nodeId === wanted || name.toLowerCase() === lower)
    const starting = all.filter(({ nodeId }) => wanted.length >= 4 && nodeId.startsWith(wanted))
    const found = exact ?? (starting.length === 1 ? starting[0] : undefined)
    if (found) return found
    throw new AppError(
      'node-not-found',
      `There is no node "${wanted}" in this cluster. Nodes: ${all.map(({ name }) => name).join(', ')}.`,
      { node: wanted },
    )
  })
}
