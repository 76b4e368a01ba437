import type { ClusterSecret } from '../../domain/admission/cluster-secret.ts'
import type { ClusterRecord, SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import { keyIdOf } from './key-id.ts'

/** The part of a record that decides between two records of one cluster. */
export function secretOf({ lineage, secret, removed }: ClusterRecord | SharedRecord): ClusterSecret {
  return { lineage, secret, keyId: keyIdOf(secret), removed }
}
