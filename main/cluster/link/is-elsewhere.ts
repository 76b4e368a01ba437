import type { Clock } from '../../platform/clock.ts'
import type { LinkEntry } from './link-entry.ts'

/** A link whose other end is alive answers within this time. */
const CLONE_PROBE_MS = 1_000

/**
 * Whether the identity of a link is alive in another process than the one that sends the hello. If so, the sender is a
 * clone; a node that has only restarted is accepted.
 */
export async function isElsewhere(entry: LinkEntry | undefined, bootId: string | undefined, clock: Clock): Promise<boolean> {
  if (!entry || bootId === undefined || entry.bootId === undefined || entry.bootId === bootId) return false
  return entry.link.answers(clock, CLONE_PROBE_MS)
}
