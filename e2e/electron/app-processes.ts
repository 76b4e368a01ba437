import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface AppProcess {
  readonly processId: number
  readonly arguments: string
}

/** All descendants of a process. */
export function descendantsOf(processId: number): AppProcess[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ processId: Number(match[1]), parentId: Number(match[2]), arguments: match[3] ?? '' }))
  const below = (parentId: number): AppProcess[] =>
    rows.filter((row) => row.parentId === parentId).flatMap((row) => [row, ...below(row.processId)])
  return below(processId)
}

export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch {
    return false
  }
}

/** The memory of a process on Linux, with its part of what it shares with others; null: the system does not tell. */
export function proportionalBytes(processId: number): number | null {
  try {
    const [, kibibytes] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/smaps_rollup`, 'utf8')) ?? []
    return kibibytes === undefined ? null : Number(kibibytes) * 1024
  } catch {
    return null // no Linux, or the process has just ended
  }
}
