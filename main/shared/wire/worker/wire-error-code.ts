import { z } from 'zod'
import { type ErrorCode, toErrorCode } from '../../error-codes.ts'

/** The code of an error sent by another process: `fallback` if this version does not know it. */
export function wireErrorCode(fallback: ErrorCode): z.ZodType<ErrorCode, string> {
  return z.string().transform((code) => toErrorCode(code, fallback))
}
