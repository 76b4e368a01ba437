import type { NodeId } from '../../shared/ids.ts'

/** The shared secret of the members of a closed cluster. */
export interface ClusterSecret {
  /** The id of the first secret, which later secrets keep. The older of two clusters has the smaller lineage. */
  readonly lineage: string
  /** 256 bits in hexadecimal. */
  readonly secret: string
  /** Identifies the secret without revealing it. */
  readonly keyId: string
  /** All nodes ever removed. The secret with more removals is newer. */
  readonly removed: readonly NodeId[]
}

/** `renew`: each side removed a node that knows the other secret, so only a third secret is safe. */
export type SecretMerge = 'same' | 'adopt' | 'keep' | 'renew'

/** A member's action when another member of the same lineage has another secret. Both reach the same result. */
export function mergeSecrets(own: ClusterSecret, offered: ClusterSecret): SecretMerge {
  if (own.lineage !== offered.lineage) return 'keep'
  const isOwnCovered = covers(offered.removed, own.removed)
  const isOfferedCovered = covers(own.removed, offered.removed)
  if (own.keyId === offered.keyId) return isOwnCovered && isOfferedCovered ? 'same' : 'renew'
  if (isOwnCovered && isOfferedCovered) return offered.keyId < own.keyId ? 'adopt' : 'keep'
  if (isOwnCovered) return 'adopt'
  return isOfferedCovered ? 'keep' : 'renew'
}

function covers(larger: readonly NodeId[], smaller: readonly NodeId[]): boolean {
  const ids = new Set(larger)
  return smaller.every((nodeId) => ids.has(nodeId))
}

/** @param random - 20 hexadecimal digits */
export function lineageOf(bornMs: number, random: string): string {
  return bornMs.toString(16).padStart(12, '0').slice(-12) + random
}
