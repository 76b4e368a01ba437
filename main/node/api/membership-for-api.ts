import type { MembershipPort } from '../../api/api-dependencies.ts'
import type { ClusterAdmission } from '../../cluster/admission/cluster-admission.ts'
import type { PairingDesk } from '../../cluster/pairing/pairing-desk.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ClusterMembership } from '../member/cluster-membership.ts'

/** The HTTP API's access to the membership of this node. */
export function createMembershipForApi(membership: ClusterMembership, desk: Pick<PairingDesk, 'confirm' | 'cancel'>): MembershipPort {
  const admission = (): ClusterAdmission => {
    const { admission: closed } = membership.serving().member
    if (closed) return closed
    throw new AppError('cluster-has-key', 'This cluster does not admit or remove machines by name: it has a key or is open.')
  }
  return {
    view: () => membership.view(),
    onChange: (listener, signal) => membership.onChange(listener, signal),
    join: (request) => membership.join(request),
    leave: () => membership.leave(),
    admit: async (name) => void admission().admit(name),
    refuse: async (name) => void admission().refuse(name),
    remove: async (name) => void (await admission().remove(name)),
    startPairing: (clusterName) => membership.startPairing(clusterName),
    confirmPairing: () => desk.confirm(),
    cancelPairing: () => desk.cancel(),
  }
}
