import type { NodeId } from '../../shared/ids.ts'
import { TERM_SLOTS as SLOTS } from '../../shared/wire/peer/election-numbers.ts'

/**
 * A term is a number that no two leaders share: a round, which only grows, and in the low 24 bits a hash of the
 * leader's id. If two ids have the same hash, the ids themselves decide (`outranks`).
 */
export function termOf(round: number, nodeId: NodeId): number {
  return round * SLOTS + slotOf(nodeId)
}

export function roundOf(term: number): number {
  return Math.floor(term / SLOTS)
}

/** Whether a term can belong to this leader. If not, the claim is never accepted for it. */
export function isTermOf(term: number, nodeId: NodeId): boolean {
  return term % SLOTS === slotOf(nodeId)
}

/** FNV-1a, folded to 24 bits. */
function slotOf(nodeId: NodeId): number {
  let hash = 0x811c9dc5
  for (const character of nodeId) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return ((hash >>> 8) ^ hash) & (SLOTS - 1)
}
