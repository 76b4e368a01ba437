import { askPatternThread } from './ask-pattern-thread.ts'
import { type Matches, matchesAtOnce, SlowPattern, uncheckable } from './match-pattern.ts'

const LIMIT_MS = 2_000

/**
 * Runs a check that matches patterns. A slow pattern is tested in a thread, and the check then runs again with the
 * result.
 *
 * @throws AppError `invalid-request` if a pattern is not a regular expression or takes longer than two seconds
 */
export async function withPatterns<Result>(check: (matches: Matches) => Result): Promise<Result> {
  const known = new Map<string, boolean>()
  const keyOf = (pattern: string, text: string): string => JSON.stringify([pattern, text])
  for (;;) {
    try {
      return check((pattern, text) => known.get(keyOf(pattern, text)) ?? matchesAtOnce(pattern, text))
    } catch (slow) {
      if (!(slow instanceof SlowPattern)) throw slow
      const { pattern, text } = slow
      const [[matches] = []] = await askPatternThread([{ pattern, texts: [text] }], LIMIT_MS)
      if (matches === undefined) throw uncheckable(pattern, new Error(`no answer within ${LIMIT_MS} ms`))
      known.set(keyOf(pattern, text), matches)
    }
  }
}
