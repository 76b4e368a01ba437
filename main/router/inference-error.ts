import { AppError, errorCode, errorMessage } from '../shared/app-error.ts'
import type { InferenceErrorCode } from '../shared/inference.ts'

const CODES: ReadonlySet<string> = new Set<InferenceErrorCode>([
  'model-not-found',
  'model-unsupported',
  'model-damaged',
  'invalid-request',
  'context-exceeded',
  'engine-busy',
  'not-enough-memory',
  'instance-failed',
  'cancelled',
  'timeout',
])

/** Failures after which the instance can come back; anything else would fail again. */
const RECOVERABLE_CODES: ReadonlySet<string> = new Set(['worker-died', 'instance-recovering', 'consumer-too-slow'])

export function isRecoverable(error: unknown): boolean {
  return RECOVERABLE_CODES.has(errorCode(error))
}

/** What `infer` may throw: known codes as they are, the rest as `instance-failed` with the cause. */
export function toInferenceError(error: unknown): AppError<InferenceErrorCode> {
  if (error instanceof AppError && CODES.has(errorCode(error))) return error as AppError<InferenceErrorCode>
  const details = error instanceof AppError ? error.details : {}
  const code = details['reason'] === 'out-of-memory' ? 'not-enough-memory' : 'instance-failed'
  return new AppError(code, errorMessage(error), { ...details, causeCode: errorCode(error) }, error)
}
