import type { LinkedPeer } from '../../cluster/link/links.ts'
import type { RefusedPeer } from '../../cluster/link/greeting/refused-peers.ts'
import type { DiscoveredPeer } from '../../discovery/peers/peer-table.ts'

/** A node nearby, for `exo --list-peers` and the nearby clusters. */
export interface PeerListing {
  readonly nodeId: string
  readonly name: string
  readonly clusterName: string
  readonly needsKey: boolean
  /** Memory of its machine; null if not reported. */
  readonly totalBytes: number | null
  readonly addresses: readonly string[]
  /**
   * `linked`: in this cluster and reachable; `refused`: would be, but one of the two does not admit the other; `seen`:
   * in another cluster, or only discovered.
   */
  readonly status: 'linked' | 'refused' | 'seen'
  /** Why it was refused, or the node that relays to it if it has no direct link; null otherwise. */
  readonly reason: string | null
  readonly roundTripMs: number | null
}

/** A node of this cluster that is reached through another. */
export interface RelayedPeer {
  readonly nodeId: string
  readonly nodeName: string
  readonly totalBytes: number | null
  /** Name of the node that relays to it. */
  readonly over: string
}

export interface NearbyPeers {
  readonly discovered: readonly DiscoveredPeer[]
  readonly linked?: readonly LinkedPeer[]
  readonly relayed?: readonly RelayedPeer[]
  readonly refused?: readonly RefusedPeer[]
}

/** All nodes in reach: linked ones first, then refused ones, then those only discovered. */
export function describePeers(
  { discovered, linked = [], relayed = [], refused = [] }: NearbyPeers,
  ownCluster: { readonly clusterName: string; readonly needsKey: boolean },
): PeerListing[] {
  const heard = new Map(discovered.map((peer) => [peer.nodeId as string, peer]))
  const addressesOf = (nodeId: string, fallback: string): string[] =>
    heard.get(nodeId)?.addresses.map(({ host, peerPort }) => `${host.includes(':') ? `[${host}]` : host}:${peerPort}`) ?? [fallback]
  const listings: PeerListing[] = [
    ...linked.map(({ nodeId, nodeName, totalBytes, address, roundTripMs }) => ({
      nodeId,
      name: nodeName,
      ...ownCluster,
      totalBytes,
      addresses: addressesOf(nodeId, address.host),
      status: 'linked' as const,
      reason: null,
      roundTripMs,
    })),
    ...relayed.map(({ nodeId, nodeName, totalBytes, over }) => ({
      nodeId,
      name: nodeName,
      ...ownCluster,
      totalBytes,
      addresses: [],
      status: 'linked' as const,
      reason: `over ${over}`,
      roundTripMs: null,
    })),
    ...refused.map(({ nodeId, nodeName, totalBytes, address, clusterName, needsKey, code, reason }) => ({
      nodeId,
      name: nodeName,
      clusterName,
      needsKey,
      totalBytes,
      addresses: addressesOf(nodeId, address),
      ...(code === 'other-cluster' ? { status: 'seen' as const, reason: null } : { status: 'refused' as const, reason }),
      roundTripMs: null,
    })),
    ...discovered.map(({ nodeId, nodeName, totalBytes, clusterName, needsKey }) => ({
      nodeId,
      name: nodeName,
      clusterName,
      needsKey,
      totalBytes,
      addresses: addressesOf(nodeId, ''),
      status: 'seen' as const,
      reason: null,
      roundTripMs: null,
    })),
  ]
  const seen = new Set<string>()
  return listings.filter(({ nodeId }) => !seen.has(nodeId) && seen.add(nodeId))
}
