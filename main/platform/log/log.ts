import { pino } from 'pino'
import { escapeControls } from '../../shared/formats/escape-controls.ts'
import { formatLogLine } from './format-log-line.ts'
import { redactSecrets } from './redact-secrets.ts'

export type LogFields = Readonly<Record<string, unknown>>

/** The message comes first and facts go into the fields; an error is passed as `{ error }`. Secrets are removed. */
export interface Log {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same log with fields that are added to every line. */
  with(fields: LogFields): Log
}

export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly format: 'json' | 'pretty'
  /** Receives complete lines, including the line break. */
  readonly write: (line: string) => void
  /** Also receives each line as its parts, without secrets. */
  readonly keep?: (entry: LogFields) => void
}

export function createLog(options: LogOptions): Log {
  const write = (line: string): void => {
    const entry = options.format === 'pretty' || options.keep ? (JSON.parse(line) as LogFields) : null
    if (entry) options.keep?.(entry)
    options.write(escapeControls(entry && options.format === 'pretty' ? formatLogLine(entry) : line))
  }
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (fields) => redactSecrets(fields) as Record<string, unknown> },
    },
    { write },
  )
  return wrap(logger)
}

function wrap(logger: pino.Logger): Log {
  return {
    trace: (message, fields) => logger.trace(fields ?? {}, message),
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => wrap(logger.child(redactSecrets(fields) as Record<string, unknown>)),
  }
}
