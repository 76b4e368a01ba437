/** The files of Linux that tell of memory; null for one that is not there. */
export interface LinuxMemoryFiles {
  readonly meminfo: string | null
  readonly cgroupMax: string | null
  readonly cgroupCurrent: string | null
  readonly cgroupStat: string | null
}

export interface LinuxMemory {
  readonly totalBytes: number
  readonly availableBytes: number
}

/**
 * Memory of this machine, or of its container where that has less. Files in the page cache count as free, since the
 * kernel gives them back.
 *
 * @returns null when the kernel does not say
 */
export function linuxMemory({ meminfo, cgroupMax, cgroupCurrent, cgroupStat }: LinuxMemoryFiles): LinuxMemory | null {
  const field = (name: string): number | null => count(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(meminfo ?? '')?.[1])
  const totalKibibytes = field('MemTotal')
  if (totalKibibytes === null) return null
  const machine = { totalBytes: totalKibibytes * 1024, availableBytes: (field('MemAvailable') ?? field('MemFree') ?? 0) * 1024 }
  const limitBytes = count(cgroupMax?.trim())
  if (limitBytes === null || limitBytes >= machine.totalBytes) return machine
  const cachedBytes = count(/^inactive_file (\d+)$/m.exec(cgroupStat ?? '')?.[1]) ?? 0
  const usedBytes = Math.max(0, (count(cgroupCurrent?.trim()) ?? 0) - cachedBytes)
  return { totalBytes: limitBytes, availableBytes: Math.min(machine.availableBytes, Math.max(0, limitBytes - usedBytes)) }
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null
}
