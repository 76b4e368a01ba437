import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Maximum size: beyond it a new file starts, and the previous one is kept as `FILE.1`. */
const MAX_BYTES = 5 << 20

/** Appends to a log file of limited size. Text that cannot be written is counted, and the next one that can says how much was lost. */
export function rotatingLogFile(file: string, maxBytes = MAX_BYTES): (text: string) => void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let lostTexts = 0
  return (text) => {
    try {
      if (bytes > maxBytes) {
        renameSync(file, `${file}.1`)
        bytes = 0
      }
      appendFileSync(file, lostTexts === 0 ? text : `${lostTexts} entries of this log could not be written\n${text}`, { mode: 0o600 })
      lostTexts = 0
      bytes += Buffer.byteLength(text)
    } catch {
      lostTexts += 1 // the program continues
    }
  }
}
