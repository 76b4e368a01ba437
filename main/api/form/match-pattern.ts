import { runInNewContext } from 'node:vm'
import { AppError } from '../../shared/app-error.ts'

/** Whether a regular expression matches a text. */
export type Matches = (pattern: string, text: string) => boolean

/** How long the event loop may be blocked: enough for every pattern that is not designed to be slow. */
const AT_ONCE_MS = 10

/** Testing the pattern would block the event loop for too long: use `askPatternThread`. */
export class SlowPattern extends Error {
  readonly pattern: string
  readonly text: string

  constructor(pattern: string, text: string) {
    super('the pattern takes long')
    this.pattern = pattern
    this.text = text
  }
}

export function uncheckable(pattern: string, cause: unknown): AppError {
  return new AppError(
    'invalid-request',
    `The pattern ${JSON.stringify(pattern)} cannot be checked: it is not a regular expression, or it takes too long.`,
    {},
    cause,
  )
}

/** Whether a script of `node:vm` failed because of its time limit. */
export const isScriptTimeout = (cause: unknown): boolean => (cause as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/**
 * @throws AppError `invalid-request` if the pattern is not a regular expression
 * @throws SlowPattern
 */
export function matchesAtOnce(pattern: string, text: string): boolean {
  try {
    return runInNewContext('new RegExp(pattern, "u").test(text)', { pattern, text }, { timeout: AT_ONCE_MS }) === true
  } catch (cause) {
    throw isScriptTimeout(cause) ? new SlowPattern(pattern, text) : uncheckable(pattern, cause)
  }
}
