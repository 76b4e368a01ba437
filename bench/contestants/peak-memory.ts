import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/**
 * The peak memory of a process and its children, summed over their separate peaks. Where the system does not record
 * peaks (macOS), their current memory.
 */
export function peakMemoryBytes(processId: number): number {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  return rows
    .filter(([id, parentId]) => id === processId || parentId === processId)
    .reduce((sum, [id, , residentKib]) => sum + (peakKib(id ?? 0) ?? residentKib ?? 0) * 1024, 0)
}

function peakKib(processId: number): number | null {
  const file = `/proc/${processId}/status`
  const peak = existsSync(file) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8')) : null
  return peak ? Number(peak[1]) : null
}
