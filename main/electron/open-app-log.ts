import { createLog, type Log } from '../platform/log/log.ts'
import { rotatingLogFile } from '../platform/log/rotating-log-file.ts'

export interface AppLog extends Log {
  /** Appends text that is already a log: the node's. */
  append(text: string): void
}

/** The logs of the app and its node, in one file. */
export function openAppLog(file: string): AppLog {
  const append = rotatingLogFile(file)
  return { ...createLog({ level: 'info', format: 'pretty', write: append }), append }
}
