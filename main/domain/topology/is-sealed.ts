import type { SealRing } from '../../shared/seal-ring.ts'
import type { LinkMedium } from '../../shared/topology.ts'

const LOOPBACK_PATTERN = /^(127\.|::1$)/

/** Whether ring traffic on a path is encrypted, which is the case if either end requires it. */
export function isSealed(policies: readonly SealRing[], address: string, medium: LinkMedium): boolean {
  if (policies.includes('always')) return true
  if (policies.every((policy) => policy === 'never')) return false
  return !LOOPBACK_PATTERN.test(address) && medium !== 'thunderbolt'
}
