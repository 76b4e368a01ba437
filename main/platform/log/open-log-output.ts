import { fstatSync, writeSync } from 'node:fs'
import { rotatingLogFile } from './rotating-log-file.ts'

/** Where a program's log goes: a file of limited size, or stderr. */
export function logOutput(file: string | null): (line: string) => void {
  return file === null ? openLogOutput(2, process.stderr) : rotatingLogFile(file)
}

/** Writes log lines. Lines that do not fit on a full disk are counted, and the count is logged once there is space again. */
export function openLogOutput(descriptor: number, stream: Pick<NodeJS.WriteStream, 'write'>): (line: string) => void {
  // A file stream is closed permanently by its first error, so files are written directly.
  if (!fstatSync(descriptor).isFile()) return (line) => void stream.write(line)
  let lostLines = 0
  return (line) => {
    try {
      writeSync(descriptor, lostLines === 0 ? line : `${lostLines} lines of this log could not be written\n${line}`)
      lostLines = 0
    } catch {
      lostLines += 1 // reported with the next line that can be written: there is nowhere else to report it
    }
  }
}
