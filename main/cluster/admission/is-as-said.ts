import type { Standing } from '../../domain/admission/judge-newcomer.ts'
import type { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import { keyIdOf } from './key-id.ts'

/** Whether the record that a node gives matches its earlier claims. */
export function isAsSaid(offered: SharedRecord, { lineage, keyId, stage }: Standing): boolean {
  return offered.lineage === lineage && keyIdOf(offered.secret) === keyId && offered.isSettled === (stage === 'settled')
}
