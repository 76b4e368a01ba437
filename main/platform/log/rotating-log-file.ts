import { appendFileSync, closeSync, constants, fstatSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
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
      appendAtOnce(file, lostTexts === 0 ? text : `${lostTexts} entries of this log could not be written\n${text}`)
      lostTexts = 0
      bytes += Buffer.byteLength(text)
    } catch {
      lostTexts += 1 // the program continues
    }
  }
}

/** A pipe in the place of the log would wait for a reader, and the program with it. */
function appendAtOnce(file: string, text: string): void {
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK, 0o600)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${file} is not a regular file.`)
    appendFileSync(descriptor, text)
  } finally {
    closeSync(descriptor)
  }
}
