import type { NodeId } from '../../shared/ids.ts'
import type { LinkMapEntry } from '../../shared/wire/peer/peer-message.ts'

/** The links of all nodes, as last reported. Nodes without a direct link are routed by it. */
export type LinkMap = ReadonlyMap<NodeId, LinkMapEntry>

/** @returns the map with the newer entries of `told`; the given map if there are none */
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
 * The peer at which the shortest way to each node begins; of equally short ones that over the smallest id. A link between
 * two others counts once both tell of it, so what a node said before it went leads nowhere.
 *
 * @param peers - with whom `selfId` is linked now; each is its own next hop
 * @returns by destination, for all nodes that can be reached
 */
export function nextHops(map: LinkMap, selfId: NodeId, peers: readonly NodeId[]): ReadonlyMap<NodeId, NodeId> {
  const hops = new Map<NodeId, NodeId>(peers.toSorted().map((peerId) => [peerId, peerId]))
  // A map hands out what is added while it is walked: breadth first.
  for (const [nodeId, hop] of hops) {
    const neighbours = map.get(nodeId)?.peers ?? []
    for (const neighbour of neighbours.toSorted()) {
      if (neighbour !== selfId && !hops.has(neighbour) && map.get(neighbour)?.peers.includes(nodeId)) hops.set(neighbour, hop)
    }
  }
  return hops
}
