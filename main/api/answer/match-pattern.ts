import { runInNewContext } from 'node:vm'
import { AppError } from '../../shared/app-error.ts'

/** A client's pattern may take any time to match: it gets this long. */
const TIMEOUT_MS = 100

/** @throws AppError `invalid-request` where the pattern is not a regular expression, or takes too long */
export function matchesPattern(pattern: string, text: string): boolean {
  try {
    return runInNewContext('new RegExp(pattern, "u").test(text)', { pattern, text }, { timeout: TIMEOUT_MS }) === true
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      `The pattern ${JSON.stringify(pattern)} cannot be checked: it is not a regular expression, or it takes too long.`,
      {},
      cause,
    )
  }
}
