import type { NodeId } from '../../shared/ids.ts'
import type { LinkMapEntry } from '../../shared/wire/peer/peer-message.ts'

/** The links of all nodes, as last reported. Messages to nodes without a direct link are routed with this map. */
export type LinkMap = ReadonlyMap<NodeId, LinkMapEntry>

/** @returns the map with the newer entries of `told`, or the given map if there are none */
export function takeEntries(
  map: LinkMap,
  told: readonly LinkMapEntry[],
): { readonly map: LinkMap; readonly news: readonly LinkMapEntry[] } {
  const news = told.filter(({ nodeId, version }) => version > (map.get(nodeId)?.version ?? -1))
  return news.length === 0 ? { map, news } : { map: new Map([...map, ...news.map((entry) => [entry.nodeId, entry] as const)]), news }
}

/** Whether to forward an entry to a peer: a peer linked to the entry's own node receives it from there. */
export function needsTelling({ nodeId, peers }: LinkMapEntry, peerId: NodeId): boolean {
  return nodeId !== peerId && !peers.includes(peerId)
}

/**
 * The first hop of the shortest route to each node; of equally short routes, the one through the smallest id. A link
 * between two other nodes counts only if both report it, so that outdated reports of a node that has left are not used.
 *
 * @param peers - the nodes that `selfId` is linked to now; each is its own next hop
 * @returns the next hop by destination, for all nodes that can be reached
 */
export function nextHops(map: LinkMap, selfId: NodeId, peers: readonly NodeId[]): ReadonlyMap<NodeId, NodeId> {
  const hops = new Map<NodeId, NodeId>(peers.toSorted().map((peerId) => [peerId, peerId]))
  // Entries added to a map while it is iterated are visited too, so this is a breadth-first search.
  for (const [nodeId, hop] of hops) {
    const neighbours = map.get(nodeId)?.peers ?? []
    for (const neighbour of neighbours.toSorted()) {
      if (neighbour !== selfId && !hops.has(neighbour) && map.get(neighbour)?.peers.includes(nodeId)) hops.set(neighbour, hop)
    }
  }
  return hops
}
