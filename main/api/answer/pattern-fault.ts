import { Script } from 'node:vm'
import { isScriptTimeout } from './match-pattern.ts'

const MOST_CHARACTERS = 2_000
/** Limit for nested repetitions. */
const MOST_COPIES = 10_000
/** The second time longer, as a busy machine may have paused. */
const PROBE_MS = [50, 500]
/** Patterns of one schema. */
const MOST_PROBED = 40
const PROBE_LENGTH = 40
const MOST_PROBES = 12

/** The maximum number of copies of one character that the nested repetitions of a pattern require. */
function mostCopies(pattern: string): number {
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  const opened: number[] = []
  let current = 1
  let most = 1
  let last = 1
  for (const match of bare.matchAll(/\(|\)|\{(\d+)(?:,(\d*))?\}|./gs)) {
    const [token, least, greatest] = match
    if (token === '(') {
      opened.push(current)
      current = 1
    } else if (token === ')') {
      last = current
      current = Math.max(opened.pop() ?? 1, last)
    } else if (least !== undefined) {
      last *= Math.max(Number(least), Number(greatest || least))
      current = Math.max(current, last)
    } else last = 1
    most = Math.max(most, current, last)
  }
  return most
}

/** Texts that repeat one character of the pattern and end with one that does not match. */
function probes(pattern: string): string[] {
  const characters = [...new Set(['a', '0', ' ', ...pattern.replaceAll(/\\[wdsbWDSB]/g, '')])].filter(
    (character) => !'^$()[]{}|?*+\\'.includes(character),
  )
  return characters.slice(0, MOST_PROBES).map((character) => `${character.repeat(PROBE_LENGTH)}\u0000`)
}

/** Why a regular expression cannot be used: it is invalid or too large. Null: it can be used, unless it is slow. */
export function patternFault(pattern: string): string | null {
  if (pattern.length > MOST_CHARACTERS) return `the pattern has more than ${MOST_CHARACTERS} characters`
  if (mostCopies(pattern) > MOST_COPIES) return `the pattern repeats more than ${MOST_COPIES} times`
  try {
    new RegExp(pattern, 'u')
    return null
  } catch {
    return `the pattern ${JSON.stringify(pattern)} is no regular expression`
  }
}

const PROBE = new Script('const tried = new RegExp(pattern, "u"); for (const text of texts) tried.test(text)')

function isSlow(pattern: string, [timeout = 0, ...longer]: readonly number[]): boolean {
  try {
    PROBE.runInNewContext({ pattern, texts: probes(pattern) }, { timeout })
    return false
  } catch (cause) {
    if (!isScriptTimeout(cause)) throw cause
    return longer.length === 0 || isSlow(pattern, longer)
  }
}

/**
 * The first of several regular expressions that takes too long on some texts, as groups that repeat repetitions do. Null: none of
 * those that are tried; checks of answers have a limit of their own.
 */
export function slowPattern(patterns: Iterable<string>): string | null {
  const repeating = [...new Set(patterns)].filter((pattern) => /\)[*+{]/.test(pattern)).slice(0, MOST_PROBED)
  return repeating.find((pattern) => isSlow(pattern, PROBE_MS)) ?? null
}
