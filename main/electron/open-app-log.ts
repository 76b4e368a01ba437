import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { createLog, type Log } from '../platform/log/log.ts'

/** Maximum size: beyond it a new log starts, and the previous one is kept. */
const MAX_BYTES = 5 << 20

export interface AppLog extends Log {
  /** Appends text that is already a log: the node's. */
  append(text: string): void
}

/** The logs of the app and its node, in one file. */
export function openAppLog(file: string): AppLog {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  let lostTexts = 0
  const append = (text: string): void => {
    try {
      if (bytes > MAX_BYTES) {
        renameSync(file, `${file}.1`)
        bytes = 0
      }
      appendFileSync(file, lostTexts === 0 ? text : `${lostTexts} entries of this log could not be written\n${text}`)
      lostTexts = 0
      bytes += Buffer.byteLength(text)
    } catch {
      lostTexts += 1 // the next entry that can be written reports the number of lost ones; the app continues
    }
  }
  return { ...createLog({ level: 'info', format: 'pretty', write: append }), append }
}
