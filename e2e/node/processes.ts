import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

interface ProcessRow {
  readonly processId: number
  readonly parentId: number
  readonly residentBytes: number
  readonly command: string
}

function allProcesses(): ProcessRow[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({
      processId: Number(match[1]),
      parentId: Number(match[2]),
      residentBytes: Number(match[3]) * 1024,
      command: match[4] ?? '',
    }))
}

/** The shard workers of a node. */
export function workersOf(nodeProcessId: number): ProcessRow[] {
  return allProcesses().filter((row) => row.parentId === nodeProcessId && row.command.includes('worker'))
}

/** The memory of a node and its workers. On Linux, shared memory is counted once. */
export function residentBytesOf(nodeProcessId: number): number {
  return allProcesses()
    .filter((row) => row.processId === nodeProcessId || row.parentId === nodeProcessId)
    .reduce((sum, row) => sum + (proportionalBytes(row.processId) ?? row.residentBytes), 0)
}

function proportionalBytes(processId: number): number | null {
  const file = `/proc/${processId}/smaps_rollup`
  const match = existsSync(file) ? /^Pss:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8')) : null
  return match ? Number(match[1]) * 1024 : null
}

const TICKS_PER_SECOND = 100

/** The processor time of a node and its workers so far. Linux only. */
export function processorSecondsOf(nodeProcessId: number): number {
  const ids = allProcesses().filter((row) => row.processId === nodeProcessId || row.parentId === nodeProcessId)
  return ids.reduce((sum, { processId }) => {
    // The command may contain blanks; the fields after its closing bracket do not. utime and stime are fields 14 and 15.
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }, 0)
}
