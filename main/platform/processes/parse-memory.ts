import { join } from 'node:path'

export interface MemoryAmounts {
  readonly totalBytes: number
  readonly availableBytes: number
}

/** Reads Linux's `/proc/meminfo`; null for any other text. */
export function parseMeminfo(text: string): MemoryAmounts | null {
  const bytesOf = (name: string): number | null => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    return kibibytes === undefined ? null : Number(kibibytes) * 1024
  }
  const totalBytes = bytesOf('MemTotal')
  const availableBytes = bytesOf('MemAvailable') ?? bytesOf('MemFree')
  return totalBytes === null || availableBytes === null ? null : { totalBytes, availableBytes }
}

/** The folders of this process's memory control groups, deepest level, each with its mount point (`/proc/self/cgroup`). */
export function cgroupDirs(text: string, cgroupDir: string): { readonly dir: string; readonly root: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    const roots =
      controllers === ''
        ? [cgroupDir, join(cgroupDir, 'unified')]
        : controllers.split(',').includes('memory')
          ? [join(cgroupDir, 'memory')]
          : []
    // If the host's path does not exist here, the mount itself is this container's group.
    return roots.map((root) => ({ dir: join(root, path), root }))
  })
}

/** null: no limit. */
export function parseCgroupLimit(text: string): number | null {
  const trimmed = text.trim()
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null
}

/** Bytes that the group uses but would release under memory pressure. */
export function parseCgroupStat(text: string): number {
  return Number(/^total_inactive_file (\d+)$/m.exec(text)?.[1] ?? /^inactive_file (\d+)$/m.exec(text)?.[1] ?? 0)
}
