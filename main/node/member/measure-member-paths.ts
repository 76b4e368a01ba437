import type { NodeIdentity } from '../../cluster/identity/open-identity.ts'
import { measureThroughput } from '../../cluster/measure-throughput.ts'
import { provesItselfAt } from '../../cluster/proves-itself-at.ts'
import type { Clock } from '../../platform/clock.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'
import { exchangeLargePackets } from '../../cluster/exchange-large-packets.ts'
import { judgePathWidth } from '../../cluster/judge-path-width.ts'
import type { PeerAddress } from '../../cluster/link/dialing/dial-targets.ts'
import type { LinkedPeer } from '../../cluster/link/links.ts'
import type { JoinedCluster } from './join-cluster.ts'
import { PeerPaths } from '../peers/peer-paths.ts'

interface MemberPathsDependencies {
  readonly identity: NodeIdentity
  readonly clock: Clock
  readonly kindOfInterface: (interfaceName: string) => InterfaceKind
}

/** Measures the paths from this node to its linked peers for as long as it is a member. */
export function measureMemberPaths(
  { links, service }: Pick<JoinedCluster, 'links' | 'service'>,
  { identity, clock, kindOfInterface }: MemberPathsDependencies,
  signal: AbortSignal,
): PeerPaths {
  const at = (peer: LinkedPeer, host: string): PeerAddress => ({ host, port: peer.address.port })
  return new PeerPaths(
    {
      nodeId: identity.nodeId,
      clock,
      kindOfInterface,
      peers: () => links.peers(),
      addressesOf: (peerId) => service.state().nodes[peerId]?.addresses ?? [],
      onChange: () => service.reportChanged(),
      provesItselfAt: (peer, host, proofSignal) => provesItselfAt(peer.nodeId, at(peer, host), identity, clock, proofSignal),
      widthOf: (peer, host, widthSignal) =>
        judgePathWidth(
          {
            exchangeLarge: (exchangeSignal) => exchangeLargePackets(at(peer, host), identity, exchangeSignal),
            exchangeSmall: (exchangeSignal) => provesItselfAt(peer.nodeId, at(peer, host), identity, clock, exchangeSignal),
          },
          clock,
          widthSignal,
        ),
      onNarrowLink: (peer) => links.leaveNarrow(peer.nodeId, peer.address.host),
      throughputOf: (peer, host, measureSignal) => measureThroughput(peer.nodeId, at(peer, host), identity, clock, measureSignal),
    },
    signal,
  )
}
