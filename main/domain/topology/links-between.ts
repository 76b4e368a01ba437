import type { NodeId } from '../../shared/ids.ts'
import type { Link } from '../../shared/topology.ts'

/** The links from one node to another, looked up in constant time. */
export type LinksBetween = (from: NodeId, to: NodeId) => readonly Link[]

export function linksBetween(links: readonly Link[]): LinksBetween {
  const byEnds = new Map<NodeId, Map<NodeId, Link[]>>()
  for (const link of links) {
    const outgoing = byEnds.get(link.from) ?? new Map<NodeId, Link[]>()
    byEnds.set(link.from, outgoing)
    const same = outgoing.get(link.to)
    if (same) same.push(link)
    else outgoing.set(link.to, [link])
  }
  return (from, to) => byEnds.get(from)?.get(to) ?? []
}
