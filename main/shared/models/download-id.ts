import { NodeId } from '../ids.ts'

/** The beginning of the ids of a node's downloads. It contains the node's id, so that no other node can use them. */
export function downloadPrefix(nodeId: NodeId): string {
  return `dl-${nodeId}`
}

/** The node whose download this can be; null: it is not such an id. */
export function ownerOfDownload(id: string): NodeId | null {
  return NodeId.safeParse(/^dl-([^-]+)-[^-]+$/.exec(id)?.[1]).data ?? null
}
