import type { NodeId } from '../../shared/ids.ts'

/** What the members of a closed cluster share. */
export interface ClusterSecret {
  /** Of the first secret; those that come after a removal keep it. Of two, the older cluster has the smaller one. */
  readonly lineage: string
  /** 256 bits in hexadecimal. */
  readonly secret: string
  /** Names the secret without giving it away. */
  readonly keyId: string
  /** Everybody who was ever put out: of two secrets, the one that puts out more is newer. */
  readonly removed: readonly NodeId[]
}

/** `renew`: both put out somebody whom the other knows, so only a third secret is known to none of them. */
export type SecretMerge = 'same' | 'adopt' | 'keep' | 'renew'

/** What a member does when another member of the same lineage holds another secret. Both come to the same in the end. */
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
