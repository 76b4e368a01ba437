import { execFile } from 'node:child_process'
import { freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseVmStat } from '../../domain/mac/parse-mac-memory.ts'
import { cgroupDirs, parseCgroupLimit, parseCgroupStat, parseMeminfo } from './parse-memory.ts'
import { readTextIfThere } from '../files/read-text-if-there.ts'

/** The memory available to this process: that of the machine, or the limit of its container or service. */
export interface MemoryFacts {
  readonly totalBytes: number
  /** Memory that can be used without swapping: free memory and the system's caches. */
  readonly availableBytes: number
}

const VM_STAT_LIMIT_MS = 5_000
const MAX_CGROUP_DEPTH = 32

export async function readMemory(): Promise<MemoryFacts> {
  if (process.platform === 'linux') return readLinuxMemory('/proc', '/sys/fs/cgroup')
  if (process.platform !== 'darwin') return { totalBytes: totalmem(), availableBytes: freemem() }
  const { stdout } = await promisify(execFile)('/usr/bin/vm_stat', [], { timeout: VM_STAT_LIMIT_MS })
  const usedBytes = parseVmStat(stdout)
  return { totalBytes: totalmem(), availableBytes: usedBytes === null ? freemem() : Math.max(0, totalmem() - usedBytes) }
}

/** @param procDir, cgroupDir - mount points; parameters for tests on recorded trees */
export async function readLinuxMemory(procDir: string, cgroupDir: string): Promise<MemoryFacts> {
  const machine = parseMeminfo((await readTextIfThere(join(procDir, 'meminfo'))) ?? '') ?? {
    totalBytes: totalmem(),
    availableBytes: freemem(),
  }
  let { totalBytes, availableBytes } = machine
  for (const { dir, root } of cgroupDirs((await readTextIfThere(join(procDir, 'self', 'cgroup'))) ?? '', cgroupDir)) {
    let level = dir
    // A limit on any higher level applies too. Inside a container the path may be the host's, and only its root exists.
    for (let depth = 0; depth < MAX_CGROUP_DEPTH; depth++) {
      const limitBytes = parseCgroupLimit(
        (await readTextIfThere(join(level, 'memory.max'))) ?? (await readTextIfThere(join(level, 'memory.limit_in_bytes'))) ?? '',
      )
      if (limitBytes !== null && limitBytes < machine.totalBytes) {
        const usedBytes = Number(
          (await readTextIfThere(join(level, 'memory.current'))) ?? (await readTextIfThere(join(level, 'memory.usage_in_bytes'))) ?? '0',
        )
        const cachedBytes = parseCgroupStat((await readTextIfThere(join(level, 'memory.stat'))) ?? '')
        totalBytes = Math.min(totalBytes, limitBytes)
        availableBytes = Math.min(availableBytes, Math.max(0, limitBytes - usedBytes + cachedBytes))
      }
      if (level === root || !level.startsWith(root)) break
      level = dirname(level)
    }
  }
  return { totalBytes, availableBytes }
}
