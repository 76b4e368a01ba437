import { readTextIfThere } from '../files/read-text-if-there.ts'

/** Linux reports hundredths of a second, regardless of its kernel's tick rate. */
const TICK_MS = 10

/** Processor time of a process, user plus system; null if the system does not report it or the process is gone. */
export async function processCpuMs(processId: number): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const stat = await readTextIfThere(`/proc/${processId}/stat`)
  // The name, in parentheses, may contain spaces; user and system time are the 12th and 13th fields after it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields ? Number(fields[11]) + Number(fields[12]) : Number.NaN
  return Number.isFinite(ticks) ? ticks * TICK_MS : null
}
