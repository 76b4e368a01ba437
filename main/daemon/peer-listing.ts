import type { LinkedPeer } from '../cluster/link/links.ts'
import type { RefusedPeer } from '../cluster/link/refused-peers.ts'
import type { DiscoveredPeer } from '../discovery/peers/peer-table.ts'

/** A node nearby, for `exo --list-peers` and the nearby clusters. */
export interface PeerListing {
  readonly nodeId: string
  readonly name: string
  readonly clusterName: string
  readonly needsKey: boolean
  readonly addresses: readonly string[]
  /** `linked`: of this cluster; `refused`: one of the two does not want the other; `seen`: only heard of. */
  readonly status: 'linked' | 'refused' | 'seen'
  /** Why it was refused; null otherwise. */
  readonly reason: string | null
  readonly roundTripMs: number | null
}

/** Everybody who is there: linked first, then refused, then those only heard of. */
export function describePeers(discovered: readonly DiscoveredPeer[], linked: readonly LinkedPeer[], refused: readonly RefusedPeer[], ownCluster: { readonly clusterName: string; readonly needsKey: boolean }): PeerListing[] {
  const heard = new Map(discovered.map((peer) => [peer.nodeId as string, peer]))
  const addressesOf = (nodeId: string, fallback: string): string[] => heard.get(nodeId)?.addresses.map(({ host, peerPort }) => `${host.includes(':') ? `[${host}]` : host}:${peerPort}`) ?? [fallback]
  const listed = new Map<string, PeerListing>()
  for (const { nodeId, nodeName, address, roundTripMs } of linked) {
    listed.set(nodeId, { nodeId, name: nodeName, ...ownCluster, addresses: addressesOf(nodeId, address.host), status: 'linked', reason: null, roundTripMs })
  }
  for (const { nodeId, nodeName, address, clusterName, needsKey, reason } of refused) {
    if (!listed.has(nodeId)) listed.set(nodeId, { nodeId, name: nodeName, clusterName, needsKey, addresses: addressesOf(nodeId, address), status: 'refused', reason, roundTripMs: null })
  }
  for (const { nodeId, nodeName, clusterName, needsKey } of discovered) {
    if (!listed.has(nodeId)) listed.set(nodeId, { nodeId, name: nodeName, clusterName, needsKey, addresses: addressesOf(nodeId, ''), status: 'seen', reason: null, roundTripMs: null })
  }
  return [...listed.values()]
}
