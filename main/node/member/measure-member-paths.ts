import type { NodeIdentity } from '../../cluster/identity/open-identity.ts'
import { measureThroughput } from '../../cluster/measure-throughput.ts'
import { provesItselfAt } from '../../cluster/proves-itself-at.ts'
import type { Clock } from '../../platform/clock.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'
import type { JoinedCluster } from './join-cluster.ts'
import { PeerPaths } from '../peers/peer-paths.ts'

interface MemberPathsDependencies {
  readonly identity: NodeIdentity
  readonly clock: Clock
  readonly kindOfInterface: (interfaceName: string) => InterfaceKind
}

/** Measures the paths from this node to its linked peers for as long as it is a member. */
export function measureMemberPaths({ links, service }: Pick<JoinedCluster, 'links' | 'service'>, { identity, clock, kindOfInterface }: MemberPathsDependencies, signal: AbortSignal): PeerPaths {
  return new PeerPaths(
    {
      nodeId: identity.nodeId,
      clock,
      kindOfInterface,
      peers: () => links.peers(),
      addressesOf: (peerId) => service.state().nodes[peerId]?.addresses ?? [],
      onChange: () => service.reportChanged(),
      provesItselfAt: (peer, host, proofSignal) => provesItselfAt(peer.nodeId, { host, port: peer.address.port }, identity, clock, proofSignal),
      throughputOf: (peer, host, measureSignal) => measureThroughput(peer.nodeId, { host, port: peer.address.port }, identity, clock, measureSignal),
    },
    signal,
  )
}
