import { readTextIfThere } from '../files/read-text-if-there.ts'

/** Linux counts in hundredths of a second, whatever its kernel ticks by. */
const TICK_MS = 10

/** Processor time of a process, user and system together; null where the system does not say, or the process is gone. */
export async function processCpuMs(processId: number): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const stat = await readTextIfThere(`/proc/${processId}/stat`)
  // The name, in brackets, may hold spaces; user and system time are the 12th and 13th fields after it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields ? Number(fields[11]) + Number(fields[12]) : Number.NaN
  return Number.isFinite(ticks) ? ticks * TICK_MS : null
}
