import { readTextIfThere } from '../files/read-text-if-there.ts'

/** The number of processes that this machine has killed because it ran out of memory; null if the system does not report it. */
export async function countOutOfMemoryKills(): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const kills = /^oom_kill (\d+)$/m.exec((await readTextIfThere('/proc/vmstat')) ?? '')?.[1]
  return kills === undefined ? null : Number(kills)
}
