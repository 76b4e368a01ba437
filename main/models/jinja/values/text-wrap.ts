import { JinjaError } from './jinja-error.ts'
import { charactersOf, pythonLength } from './python-value.ts'

export interface WrapOptions {
  /** In characters. */
  readonly width: number
  readonly breaksLongWords: boolean
  readonly breaksOnHyphens: boolean
}

const SPACE = '\\t\\n\\v\\f\\r '
const LETTER = '[\\p{L}\\p{Nl}\\p{No}_]'
const PUNCTUATION = `[\\p{L}\\p{N}_!"'&.,?]`
/** Whitespace, dashes between words, and words up to a hyphen that may end a line. */
const CHUNK = new RegExp(
  [
    `[${SPACE}]+`,
    `(?<=${PUNCTUATION})-{2,}(?=[\\p{L}\\p{N}_])`,
    `[^${SPACE}]+?(?:-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${PUNCTUATION}-))(?=${LETTER}-?${LETTER})` +
      `|(?=[${SPACE}]|$(?![\\s\\S]))|(?<=${PUNCTUATION})(?=-{2,}[\\p{L}\\p{N}_]))`,
  ].join('|'),
  'gu',
)
const WORD = new RegExp(`[${SPACE}]+|[^${SPACE}]+`, 'g')

/** The start of a word that is longer than a line, and its rest. */
function cutWord(word: string, room: number, breaksOnHyphens: boolean): [string, string] {
  const characters = charactersOf(word)
  const start = characters.slice(0, room)
  const hyphen = breaksOnHyphens ? start.lastIndexOf('-') : -1
  const end = hyphen > 0 && start.slice(0, hyphen).some((character) => character !== '-') ? hyphen + 1 : room
  return [characters.slice(0, end).join(''), characters.slice(end).join('')]
}

/** The lines of one paragraph, as Python's `textwrap.wrap` breaks it. */
export function wrapText(text: string, { width, breaksLongWords, breaksOnHyphens }: WrapOptions): string[] {
  if (width <= 0) throw new JinjaError(`invalid width ${width} (must be > 0)`)
  const chunks: string[] = (text.match(breaksOnHyphens ? CHUNK : WORD) ?? []).toReversed()
  const next = (): string => chunks.at(-1) ?? ''
  const lines: string[] = []
  while (chunks.length > 0) {
    if (next().trim() === '' && lines.length > 0) chunks.pop()
    const line: string[] = []
    let length = 0
    while (chunks.length > 0 && length + pythonLength(next()) <= width) {
      length += pythonLength(next())
      line.push(chunks.pop() ?? '')
    }
    if (chunks.length > 0 && pythonLength(next()) > width) {
      if (breaksLongWords && length < width) {
        const [start, rest] = cutWord(chunks.pop() ?? '', width - length, breaksOnHyphens)
        line.push(start)
        chunks.push(rest)
      } else if (!breaksLongWords && line.length === 0) line.push(chunks.pop() ?? '')
    }
    if (line.at(-1)?.trim() === '') line.pop()
    if (line.length > 0) lines.push(line.join(''))
  }
  return lines
}
