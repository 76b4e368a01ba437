import { execFileSync } from 'node:child_process'

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
