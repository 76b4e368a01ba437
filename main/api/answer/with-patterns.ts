import { askPatternThread } from './ask-pattern-thread.ts'
import { type Matches, matchesAtOnce, SlowPattern } from './match-pattern.ts'

/**
 * Runs a check that matches patterns. A slow pattern is tested in a thread, and the check then runs again with the
 * result.
 *
 * @throws AppError `invalid-request` if a pattern is not a regular expression or takes too long
 */
export async function withPatterns<Result>(check: (matches: Matches) => Result): Promise<Result> {
  const known = new Map<string, boolean>()
  const keyOf = (pattern: string, text: string): string => JSON.stringify([pattern, text])
  for (;;) {
    try {
      return check((pattern, text) => known.get(keyOf(pattern, text)) ?? matchesAtOnce(pattern, text))
    } catch (slow) {
      if (!(slow instanceof SlowPattern)) throw slow
      known.set(keyOf(slow.pattern, slow.text), await askPatternThread(slow.pattern, slow.text))
    }
  }
}
