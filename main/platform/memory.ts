import { readFile } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'

export interface MemoryFacts {
  readonly totalBytes: number
  /** What could be taken without swapping: free memory and caches that the system gives back. */
  readonly availableBytes: number
}

/** Memory of this machine, or of the container that this process is confined to where that is less. */
export async function readMemory(): Promise<MemoryFacts> {
  const machine = (await linuxMemory()) ?? { totalBytes: totalmem(), availableBytes: freemem() }
  const limit = await containerMemory()
  if (!limit) return machine
  return {
    totalBytes: Math.min(machine.totalBytes, limit.limitBytes),
    availableBytes: Math.max(0, Math.min(machine.availableBytes, limit.limitBytes - limit.usedBytes)),
  }
}

async function linuxMemory(): Promise<MemoryFacts | null> {
  const text = await readText('/proc/meminfo')
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1] ?? Number.NaN) * 1024
  const facts = { totalBytes: kibibytes('MemTotal'), availableBytes: kibibytes('MemAvailable') }
  return Number.isNaN(facts.totalBytes) || Number.isNaN(facts.availableBytes) ? null : facts
}

/** Control groups, version 2 then 1; null where there is no limit. */
async function containerMemory(): Promise<{ limitBytes: number; usedBytes: number } | null> {
  for (const [limitFile, usedFile] of [
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/memory.usage_in_bytes'],
  ] as const) {
    const limitBytes = Number((await readText(limitFile)) ?? Number.NaN)
    if (Number.isNaN(limitBytes)) continue
    return { limitBytes, usedBytes: Number((await readText(usedFile)) ?? 0) }
  }
  return null
}

/** null where there is no such file: other systems have none of these. */
async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}
