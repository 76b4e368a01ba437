import { AppError, errorCode, errorMessage } from '../shared/app-error.ts'
import { type ErrorCode, errorFacts, hasTrait, isErrorCode } from '../shared/error-codes.ts'
import type { InferenceErrorCode } from '../shared/inference/inference.ts'

/** Whether the instance can recover; after any other failure it would fail again. */
export function isRecoverable(error: unknown): boolean {
  return hasTrait(errorCode(error), 'recoverable')
}

/** The errors that `infer` throws: known codes unchanged, all others as `instance-failed` with the cause. */
export function toInferenceError(error: unknown): AppError<InferenceErrorCode> {
  const causeCode = errorCode(error)
  if (error instanceof AppError && hasTrait(causeCode, 'inference')) return error as AppError<InferenceErrorCode>
  const details = error instanceof AppError ? error.details : {}
  const code = translated(String(details['reason'])) ?? translated(causeCode) ?? 'instance-failed'
  return new AppError(code, errorMessage(error), { ...details, causeCode }, error)
}

/** The public code for an internal one; null if there is none. */
function translated(code: string): InferenceErrorCode | null {
  const known = isErrorCode(code) ? errorFacts(code).inferAs : undefined
  return known !== undefined && hasTrait(known as ErrorCode, 'inference') ? (known as InferenceErrorCode) : null
}
