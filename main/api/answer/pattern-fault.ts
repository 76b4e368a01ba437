import { runInNewContext } from 'node:vm'

const MOST_CHARACTERS = 2_000
/** Limit for nested repetitions. */
const MOST_COPIES = 10_000
const PROBE_MS = 60
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

/** Why a regular expression cannot be used: it is invalid or too large, or takes too long on some texts. Null: it can be used. */
export function patternFault(pattern: string): string | null {
  if (pattern.length > MOST_CHARACTERS) return `the pattern has more than ${MOST_CHARACTERS} characters`
  if (mostCopies(pattern) > MOST_COPIES) return `the pattern repeats more than ${MOST_COPIES} times`
  const repeatsGroups = /\)[*+{]/.test(pattern)
  try {
    runInNewContext(
      'const expression = new RegExp(pattern, "u"); for (const text of texts) expression.test(text)',
      {
        pattern,
        texts: repeatsGroups ? probes(pattern) : [],
      },
      { timeout: PROBE_MS },
    )
    return null
  } catch (cause) {
    const isLate = (cause as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    return isLate
      ? `the pattern ${JSON.stringify(pattern)} takes too long on some texts`
      : `the pattern ${JSON.stringify(pattern)} is no regular expression`
  }
}
