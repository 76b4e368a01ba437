import { Membership } from '../../../main/shared/wire/api/membership.ts'
import type { MembershipApi } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'

/** Calls that change the node's cluster. Each answer is shown at once; `/events` confirms it a moment later. */
export interface MembershipCalls {
  join(clusterName: string, key: string | null): Promise<void>
  leave(): Promise<void>
  /** Takes the fingerprint, because a machine chooses its own name. */
  admit(nodeId: string): Promise<void>
  refuse(nodeId: string): Promise<void>
  remove(nodeId: string): Promise<void>
  startPairing(clusterName: string): Promise<void>
  confirmPairing(): Promise<void>
  cancelPairing(): Promise<void>
}

export function membershipCalls(api: MembershipApi): MembershipCalls {
  const show = (membership: Membership): void => useClusterStore.setState({ membership })
  const post = async (path: string, body: unknown): Promise<void> => show(await api.post(path, body, Membership))
  return {
    join: (clusterName, key) => post('/cluster/join', { clusterName, ...(key === null ? {} : { key }) }),
    leave: () => post('/cluster/leave', {}),
    admit: (name) => post('/cluster/admit', { name }),
    refuse: (name) => post('/cluster/refuse', { name }),
    remove: (name) => post('/cluster/remove', { name }),
    startPairing: (clusterName) => post('/cluster/pairing', { clusterName }),
    confirmPairing: () => post('/cluster/pairing/confirm', {}),
    cancelPairing: async () => show(await api.delete('/cluster/pairing', Membership)),
  }
}
