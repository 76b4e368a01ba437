import { z } from 'zod'
import { errorCode } from '../app-error.ts'

/** An error code as it is stored and sent. A program of another version may not know it. */
export const ErrorCodeWord = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)

/** The code of an error; null: it has none that tells anything. */
export function errorCodeWord(error: unknown): string | null {
  const code = errorCode(error)
  return code === 'internal' ? null : code
}
