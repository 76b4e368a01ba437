import { Script } from 'node:vm'
import { askPatternThread, type PatternTest } from './ask-pattern-thread.ts'
import { isScriptTimeout } from './match-pattern.ts'

/** How long the event loop may be blocked by all patterns of a request. */
const AT_ONCE_MS = 20
/** Longer than a pause of a busy machine. */
const LIMIT_MS = 500
/** Patterns of one schema. */
const MOST_PROBED = 40
const PROBE_LENGTH = 40
const MOST_PROBES = 12

/** Texts that repeat one character of the pattern and end with one that does not match. */
function probes(pattern: string): string[] {
  const characters = [...new Set(['a', '0', ' ', ...pattern.replaceAll(/\\[wdsbWDSB]/g, '')])].filter(
    (character) => !'^$()[]{}|?*+\\'.includes(character),
  )
  return characters.slice(0, MOST_PROBES).map((character) => `${character.repeat(PROBE_LENGTH)}\u0000`)
}

const PROBE = new Script(
  'for (const { pattern, texts } of probed) { const tried = new RegExp(pattern, "u"); for (const text of texts) tried.test(text) }',
)

function areQuick(probed: readonly PatternTest[]): boolean {
  try {
    PROBE.runInNewContext({ probed }, { timeout: AT_ONCE_MS })
    return true
  } catch (cause) {
    if (!isScriptTimeout(cause)) throw cause
    return false
  }
}

/**
 * The first of several regular expressions that takes too long on some texts, as groups that repeat repetitions do. Null: none of
 * those that are tried; checks of answers have a limit of their own. If they do not end at once, a thread tries them.
 *
 * @throws AppError `engine-busy` if too many requests wait for the thread
 */
export async function slowPattern(patterns: Iterable<string>): Promise<string | null> {
  const repeating = [...new Set(patterns)].filter((pattern) => /\)[*+{]/.test(pattern)).slice(0, MOST_PROBED)
  const probed = repeating.map((pattern) => ({ pattern, texts: probes(pattern) }))
  if (probed.length === 0 || areQuick(probed)) return null
  const answers = await askPatternThread(probed, LIMIT_MS)
  return probed[answers.length]?.pattern ?? null
}
