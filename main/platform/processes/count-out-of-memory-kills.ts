import { readTextIfThere } from '../files/read-text-if-there.ts'

/** How many processes this machine has killed for want of memory; null where the system does not say. */
export async function countOutOfMemoryKills(): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const kills = /^oom_kill (\d+)$/m.exec((await readTextIfThere('/proc/vmstat')) ?? '')?.[1]
  return kills === undefined ? null : Number(kills)
}
