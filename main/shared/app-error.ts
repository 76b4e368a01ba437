import type { ErrorCode } from './error-codes.ts'

/**
 * The base class of every error that crosses a room or a process boundary.
 *
 * Programs read `code` (kebab-case, stable) and `details`; people read `message`, which says what to do.
 */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: Code, message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

/** The code of any error: that of an `AppError`, or else `internal`. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof AppError ? (error as AppError).code : 'internal'
}

/** The message of any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
