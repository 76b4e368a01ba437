import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cgroupDirs, parseCgroupLimit, parseCgroupStat, parseMeminfo, parseVmStat } from './parse-memory.ts'

/** What this process may use: the machine's memory, or less where a container or service is limited. */
export interface MemoryFacts {
  readonly totalBytes: number
  /** Without pushing anyone into swap: free memory and what the system only caches. */
  readonly availableBytes: number
}

const VM_STAT_LIMIT_MS = 5_000
const MAX_CGROUP_DEPTH = 32

export async function readMemoryFacts(): Promise<MemoryFacts> {
  if (process.platform === 'linux') return readLinuxMemory('/proc', '/sys/fs/cgroup')
  if (process.platform !== 'darwin') return { totalBytes: totalmem(), availableBytes: freemem() }
  const { stdout } = await promisify(execFile)('/usr/bin/vm_stat', [], { timeout: VM_STAT_LIMIT_MS })
  return { totalBytes: totalmem(), availableBytes: parseVmStat(stdout) ?? freemem() }
}

/** @param procDir, cgroupDir - as mounted; parameters for tests on recorded trees */
export async function readLinuxMemory(procDir: string, cgroupDir: string): Promise<MemoryFacts> {
  const machine = parseMeminfo(await readText(join(procDir, 'meminfo')) ?? '') ?? { totalBytes: totalmem(), availableBytes: freemem() }
  let { totalBytes, availableBytes } = machine
  for (const { dir, root } of cgroupDirs((await readText(join(procDir, 'self', 'cgroup'))) ?? '', cgroupDir)) {
    let level = dir
    // A limit on any level above binds too. Inside a container the path may be that of the host, and only its root exists.
    for (let depth = 0; depth < MAX_CGROUP_DEPTH; depth++) {
      const limitBytes = parseCgroupLimit((await readText(join(level, 'memory.max'))) ?? (await readText(join(level, 'memory.limit_in_bytes'))) ?? '')
      if (limitBytes !== null && limitBytes < machine.totalBytes) {
        const usedBytes = Number((await readText(join(level, 'memory.current'))) ?? (await readText(join(level, 'memory.usage_in_bytes'))) ?? '0')
        const cachedBytes = parseCgroupStat((await readText(join(level, 'memory.stat'))) ?? '')
        totalBytes = Math.min(totalBytes, limitBytes)
        availableBytes = Math.min(availableBytes, Math.max(0, limitBytes - usedBytes + cachedBytes))
      }
      if (level === root || !level.startsWith(root)) break
      level = dirname(level)
    }
  }
  return { totalBytes, availableBytes }
}

/** How many processes this machine has killed for want of memory; null where the system does not say. */
export async function countOutOfMemoryKills(): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const kills = /^oom_kill (\d+)$/m.exec((await readText('/proc/vmstat')) ?? '')?.[1]
  return kills === undefined ? null : Number(kills)
}

/** null when there is no such file or it may not be read. */
async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return null // a kernel without it, or a container that hides it: the caller goes on without
  }
}
