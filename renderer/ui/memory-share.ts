import type { BarPart } from './StackedBar.tsx'

export interface MemoryShare {
  readonly weightBytes: number
  readonly kvBytes: number
  /** Used by the system, by other programs, and by this one for anything but models. */
  readonly otherBytes: number
  readonly freeBytes: number
  readonly pressure: 'none' | 'tight' | 'critical'
}

const TIGHT_RATIO = 0.85
const CRITICAL_RATIO = 0.95

/** Shares of a machine's memory, which add up to its total. */
export function shareMemory({
  totalBytes,
  availableBytes,
  weightBytes,
  kvBytes,
}: {
  readonly totalBytes: number
  readonly availableBytes: number
  readonly weightBytes: number
  readonly kvBytes: number
}): MemoryShare {
  const usedBytes = Math.max(0, totalBytes - availableBytes)
  const heldBytes = Math.min(usedBytes, weightBytes)
  const cacheBytes = Math.min(usedBytes - heldBytes, kvBytes)
  const usedRatio = totalBytes > 0 ? usedBytes / totalBytes : 0
  return {
    weightBytes: heldBytes,
    kvBytes: cacheBytes,
    otherBytes: usedBytes - heldBytes - cacheBytes,
    freeBytes: totalBytes - usedBytes,
    pressure: usedRatio >= CRITICAL_RATIO ? 'critical' : usedRatio >= TIGHT_RATIO ? 'tight' : 'none',
  }
}

/** One colour code for memory everywhere: models, their cache, and everything else, which warns when little is free. */
export function memoryParts({ weightBytes, kvBytes, otherBytes, pressure }: MemoryShare): BarPart[] {
  const tones = { none: 'neutral', tight: 'warning', critical: 'danger' } as const
  return [
    { name: 'weights', value: weightBytes, tone: 'accent' },
    { name: 'kv', value: kvBytes, tone: 'success' },
    { name: 'other', value: otherBytes, tone: tones[pressure] },
  ]
}
