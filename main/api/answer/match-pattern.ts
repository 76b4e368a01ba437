import { runInNewContext } from 'node:vm'
import { AppError } from '../../shared/app-error.ts'

/**
 * A client's pattern may take arbitrarily long to match, so time is limited. The second, longer attempt allows for a
 * machine that was busy.
 */
const TIMEOUTS_MS = [100, 700]

const isLate = (cause: unknown): boolean => (cause as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

function matchesWithin(pattern: string, text: string, [timeout = 100, ...longer]: readonly number[]): boolean {
  try {
    return runInNewContext('new RegExp(pattern, "u").test(text)', { pattern, text }, { timeout }) === true
  } catch (cause) {
    if (longer.length === 0 || !isLate(cause)) throw cause
    return matchesWithin(pattern, text, longer)
  }
}

/** @throws AppError `invalid-request` if the pattern is not a regular expression or takes too long */
export function matchesPattern(pattern: string, text: string): boolean {
  try {
    return matchesWithin(pattern, text, TIMEOUTS_MS)
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      `The pattern ${JSON.stringify(pattern)} cannot be checked: it is not a regular expression, or it takes too long.`,
      {},
      cause,
    )
  }
}
