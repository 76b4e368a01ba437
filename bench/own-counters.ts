import { existsSync, readFileSync } from 'node:fs'
import { parseLoopbackCounters, type NetworkCounters } from './parse-network-counters.ts'

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100

/** The counters of this process's network namespace; null if the system has none (macOS). */
export function loopbackCounters(): NetworkCounters | null {
  return existsSync('/proc/self/net/dev') ? parseLoopbackCounters(readFileSync('/proc/self/net/dev', 'utf8')) : null
}

/** The processor time of a process so far; null if the system does not report it. */
export function processorSeconds(processId: number): number | null {
  const file = `/proc/${processId}/stat`
  if (!existsSync(file)) return null
  // The command may contain blanks; the fields after its closing bracket do not. utime and stime are fields 14 and 15.
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
