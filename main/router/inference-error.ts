import { AppError, errorCode, errorMessage } from '../shared/app-error.ts'
import type { InferenceErrorCode } from '../shared/inference.ts'

const CODES: ReadonlySet<string> = new Set<InferenceErrorCode>([
  'model-not-found',
  'model-unsupported',
  'model-damaged',
  'invalid-request',
  'context-exceeded',
  'draft-unsupported',
  'engine-busy',
  'not-enough-memory',
  'instance-failed',
  'cluster-changed',
  'cluster-switching',
  'cancelled',
  'timeout',
])

/** Failures after which the instance can come back; anything else would fail again. */
const RECOVERABLE_CODES: ReadonlySet<string> = new Set(['worker-died', 'instance-recovering', 'consumer-too-slow'])

export function isRecoverable(error: unknown): boolean {
  return RECOVERABLE_CODES.has(errorCode(error))
}

/** Words of other rooms for what clients know under another name. */
const TRANSLATED_CODES: Readonly<Record<string, InferenceErrorCode>> = {
  'out-of-memory': 'not-enough-memory',
  'strategy-unsupported': 'model-unsupported',
  'invalid-token': 'invalid-request',
  'draft-failed': 'draft-unsupported',
}

/** What `infer` may throw: known codes as they are, the rest as `instance-failed` with the cause. */
export function toInferenceError(error: unknown): AppError<InferenceErrorCode> {
  const causeCode = errorCode(error)
  if (error instanceof AppError && CODES.has(causeCode)) return error as AppError<InferenceErrorCode>
  const details = error instanceof AppError ? error.details : {}
  const code = TRANSLATED_CODES[String(details['reason'])] ?? TRANSLATED_CODES[causeCode] ?? 'instance-failed'
  return new AppError(code, errorMessage(error), { ...details, causeCode }, error)
}
