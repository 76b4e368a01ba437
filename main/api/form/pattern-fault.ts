const MOST_CHARACTERS = 2_000
/** Limit for nested repetitions. */
const MOST_COPIES = 10_000

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

/** Why a regular expression cannot be used: it is invalid or too large. Null: it can be used, unless it is slow: see `slowPattern`. */
export function patternFault(pattern: string): string | null {
  if (pattern.length > MOST_CHARACTERS) return `the pattern has more than ${MOST_CHARACTERS} characters`
  if (mostCopies(pattern) > MOST_COPIES) return `the pattern repeats more than ${MOST_COPIES} times`
  try {
    new RegExp(pattern, 'u')
    return null
  } catch {
    return `the pattern ${JSON.stringify(pattern)} is not a regular expression`
  }
}
