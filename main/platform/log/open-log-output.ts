import { fstatSync, writeSync } from 'node:fs'

/** Where the log goes: lines that do not fit on a full disk are counted, and the count is logged when there is room again. */
export function openLogOutput(descriptor: number, stream: Pick<NodeJS.WriteStream, 'write'>): (line: string) => void {
  // A stream of a file is closed for good by its first error.
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
