import type { AdmissionMode } from '../../shared/wire/peer/cluster-record.ts'

/** A cluster, and who is admitted to it. */
export interface ClusterChoice {
  readonly clusterName: string
  /** A key chosen by a person; null: members admit others, or the cluster is open. */
  readonly clusterKey: string | null
  readonly isOpen: boolean
}

export function admissionOf({ clusterKey, isOpen }: Pick<ClusterChoice, 'clusterKey' | 'isOpen'>): AdmissionMode {
  return clusterKey !== null ? 'key' : isOpen ? 'open' : 'members'
}
