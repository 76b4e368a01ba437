import type { Verdict } from '../../shared/wire/api/trifurcated.ts'

/** The answer repeats the question, as models often do, and is not a verdict. */
const QUESTION = /\bsafe\s*(or|\/|,|\|)\s*unsafe\b/gi
const FLAGGED = new RegExp(
  String.raw`\b(unsafe|un-safe|not (be )?(considered )?safe|isn['’]t safe` +
    String.raw`|flag(ged)?|harmful|dangerous|inappropriate|reject(ed)?|violat(es|ed|ion))\b`,
  'i',
)
const SAFE = /\b(safe|harmless|acceptable|appropriate|approved?|pass(es|ed)?|ok|okay)\b/i
/** `not harmful`, `no violation`: a negation means the opposite. */
const DENIED = /\b(not|no|nothing|never|isn['’]t|without)( \w+){0,2} (flag(ged)?|harmful|dangerous|inappropriate|violat(es|ed|ion))\b/gi
const QUOTE_LIMIT = 200

/**
 * Parses the answer of a validator model. The first word decides. If it is unclear, the whole text decides, unless it
 * contains both verdicts. Never throws.
 */
export function parseVerdict(text: string): Verdict {
  const said = text
    .replace(/[*_`#"{}]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const verdict = verdictOf(said)
  if (verdict === null)
    return {
      verdict: 'unknown',
      reason: said === '' ? 'The validator did not answer.' : `The validator gave no clear verdict: ${shorten(said)}`,
    }
  return { verdict, reason: reasonOf(said) }
}

function verdictOf(said: string): 'safe' | 'flagged' | null {
  const telling = said.replace(QUESTION, ' ').replace(DENIED, ' safe ').trim()
  const start = telling.replace(/^\W*(verdict|judg(e)?ment|answer|result)?\W*(is\b)?\W*/i, '')
  for (const part of [start.split(/[\s.,:;!-]/, 1)[0] ?? '', start]) {
    const isFlagged = FLAGGED.test(part)
    const isSafe = SAFE.test(part.replace(new RegExp(FLAGGED, 'gi'), ' '))
    if (isFlagged !== isSafe) return isFlagged ? 'flagged' : 'safe'
  }
  return null
}

/** The text after the verdict; the whole text if nothing follows. */
function reasonOf(said: string): string {
  const rest = said.replace(
    /^\W*(verdict|judg(e)?ment|answer|result)?\W*(un-?safe|safe|flagged|ok|okay)\b[\s.,:;!-]*((reason|because)\b\W*)?/i,
    '',
  )
  return shorten(rest.trim() === '' ? said : rest.trim())
}

function shorten(text: string): string {
  return text.length > QUOTE_LIMIT ? `${text.slice(0, QUOTE_LIMIT - 1)}…` : text
}
