/** What xgrammar's regular expressions lack: boundaries of words, looking around, back references, Unicode's classes. */
const UNKNOWN = /\\[bB1-9k]|\\[pP]\{|\(\?[=!<]/
/** Larger repetitions take seconds to compile. */
const MOST_REPEATED = 500
const MOST_REPEATED_IN_ALL = 100_000

/** Whether a grammar can hold a pattern, and is compiled in time. */
export function isHeldPattern(pattern: string): boolean {
  if (UNKNOWN.test(pattern)) return false
  const repeats = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) => Number(most || least))
  return (
    repeats.every((count) => count <= MOST_REPEATED) && repeats.reduce((all, count) => all * Math.max(1, count), 1) <= MOST_REPEATED_IN_ALL
  )
}
