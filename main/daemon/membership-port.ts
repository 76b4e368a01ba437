import type { MembershipPort } from '../api/api-dependencies.ts'
import type { PairingDesk } from '../cluster/pairing/pairing-desk.ts'
import type { ClusterMembership } from './cluster-membership.ts'

/** What the HTTP API shows and steers of the cluster that this node is in. */
export function createMembershipPort(membership: ClusterMembership, desk: Pick<PairingDesk, 'confirm' | 'cancel'>): MembershipPort {
  return {
    view: () => membership.view(),
    onChange: (listener, signal) => membership.onChange(listener, signal),
    join: (request) => membership.join(request),
    leave: () => membership.leave(),
    startPairing: (clusterName) => membership.startPairing(clusterName),
    confirmPairing: () => desk.confirm(),
    cancelPairing: () => desk.cancel(),
  }
}
