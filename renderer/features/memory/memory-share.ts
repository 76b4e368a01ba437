export interface MemoryShare {
  readonly weightBytes: number
  /** The system, other programs, and what of this one is no model. */
  readonly otherBytes: number
  readonly freeBytes: number
  readonly pressure: 'none' | 'tight' | 'critical'
}

const TIGHT_RATIO = 0.85
const CRITICAL_RATIO = 0.95

/** Parts of a machine's memory; they add up to its total. */
export function shareMemory({ totalBytes, availableBytes, weightBytes }: { readonly totalBytes: number; readonly availableBytes: number; readonly weightBytes: number }): MemoryShare {
  const usedBytes = Math.max(0, totalBytes - availableBytes)
  const heldBytes = Math.min(usedBytes, weightBytes)
  const usedRatio = totalBytes > 0 ? usedBytes / totalBytes : 0
  return {
    weightBytes: heldBytes,
    otherBytes: usedBytes - heldBytes,
    freeBytes: totalBytes - usedBytes,
    pressure: usedRatio >= CRITICAL_RATIO ? 'critical' : usedRatio >= TIGHT_RATIO ? 'tight' : 'none',
  }
}
