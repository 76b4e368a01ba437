import { existsSync, readFileSync } from 'node:fs'
import { parseLoopbackCounters, type NetworkCounters } from './parse-network-counters.ts'

/** Kernels count processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100

/** Of the network that this process is in; null where the system does not tell (macOS). */
export function loopbackCounters(): NetworkCounters | null {
  return existsSync('/proc/self/net/dev') ? parseLoopbackCounters(readFileSync('/proc/self/net/dev', 'utf8')) : null
}

/** Processor time of a process so far; null where the system does not tell. */
export function processorSeconds(processId: number): number | null {
  const file = `/proc/${processId}/stat`
  if (!existsSync(file)) return null
  // The command may hold blanks; what follows its closing bracket does not. utime and stime are fields 14 and 15.
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
