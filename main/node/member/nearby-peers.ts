import type { JoinedCluster } from './join-cluster.ts'
import { describePeers, type PeerListing } from '../peers/peer-listing.ts'

/** All nodes in reach, as known to a running node. */
export function nearbyPeers(
  { links, routes, discovery, service }: JoinedCluster,
  ownCluster: { readonly clusterName: string; readonly needsKey: boolean },
): PeerListing[] {
  const linked = links.peers()
  const relayed = routes.relayed().map(({ nodeId, hop }) => {
    const node = service.state().nodes[nodeId]
    return {
      nodeId,
      nodeName: node?.name ?? '',
      totalBytes: node?.totalBytes ?? null,
      over: linked.find((peer) => peer.nodeId === hop)?.nodeName ?? hop,
    }
  })
  return describePeers({ discovered: discovery.peers(), linked, relayed, refused: links.refused() }, ownCluster)
}
