import { hardwareOf } from '../../domain/cluster/node-cables.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import type { JoinedCluster } from './join-cluster.ts'
import { sameIdentity, type SameIdentity } from '../peers/same-identity.ts'

/** For `exo doctor`. */
export interface MemberDiagnostics {
  readonly hardware: Record<NodeId, HardwareFacts>
  readonly clockSkewMs: Record<NodeId, number>
  readonly sameIdentity: readonly SameIdentity[]
}

export function memberDiagnostics({ service, links }: JoinedCluster, nodeId: NodeId, own: HardwareFacts): MemberDiagnostics {
  const others = Object.values<NodeFacts>(service.state().nodes).map((node) => [node.nodeId, hardwareOf(node)] as const)
  return {
    hardware: { ...Object.fromEntries(others), [nodeId]: own },
    clockSkewMs: Object.fromEntries(service.clockSkewMs()),
    sameIdentity: sameIdentity(links.refused(), nodeId),
  }
}
