import { classOf, type CodePoints, complementOf, includes, unionOf } from './code-points.ts'

/** What JSON escapes with one letter; other control characters are left out. */
const ESCAPES: readonly (readonly [character: string, json: string])[] = [
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
]
const ESCAPED: CodePoints = unionOf([
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
])

const SPACES: CodePoints = unionOf([
  [9, 13],
  [32, 32],
])
const DIGITS: CodePoints = [[48, 57]]
const LETTERS: CodePoints = unionOf([
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
])
const LINE_FEED: CodePoints = [[10, 10]]
const NAMED: Readonly<Record<string, CodePoints>> = {
  d: DIGITS,
  D: complementOf(DIGITS),
  w: LETTERS,
  W: complementOf(LETTERS),
  s: SPACES,
  S: complementOf(SPACES),
}
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 }

const PART = /\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[^]|\[\^?(?:\\[^]|[^\]\\])*\]|\{[^}]*\}|\(\?[^]?|[^]/gu
const MEMBER = /\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[^]|[^]/gu

const json = (character: string): string => ESCAPES.find(([escaped]) => escaped === character)?.[1] ?? character
const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)

/** A text as JSON writes it between quotation marks. */
export const quotedText = (text: string): string => [...text].map(json).join('')

/** The characters of an escape or a single character. @throws RangeError for an escape that stands for something else */
function charactersOf(part: string): CodePoints {
  const hex = /^\\[xu]([0-9A-Fa-f]+)$/.exec(part)?.[1]
  if (hex !== undefined) return [[Number.parseInt(hex, 16), Number.parseInt(hex, 16)]]
  if (!part.startsWith('\\')) return [[part.codePointAt(0) ?? 0, part.codePointAt(0) ?? 0]]
  const name = part.slice(1)
  const known = NAMED[name]
  if (known !== undefined) return known
  const control = CONTROLS[name]
  if (control === undefined && /[A-Za-z0-9]/.test(name)) throw new RangeError(`${part} is not supported`)
  const code = control ?? name.codePointAt(0) ?? 0
  return [[code, code]]
}

function membersOf(inner: string): CodePoints {
  const parts = inner.match(MEMBER) ?? []
  const ranges: (readonly [number, number])[] = []
  for (let index = 0; index < parts.length; index++) {
    const characters = charactersOf(parts[index] ?? '')
    const end = parts[index + 1] === '-' ? parts[index + 2] : undefined
    if (end === undefined) ranges.push(...characters)
    else {
      ranges.push([characters[0]?.[0] ?? 0, charactersOf(end)[0]?.[1] ?? 0])
      index += 2
    }
  }
  return unionOf(ranges)
}

/** ASCII letters in both cases. */
const withCases = (ranges: CodePoints): CodePoints =>
  unionOf(
    ranges.flatMap(([first, last]) => {
      const shifted = ([from, to]: readonly [number, number], by: number): (readonly [number, number])[] => {
        const range = [Math.max(first, from), Math.min(last, to)] as const
        return range[0] <= range[1] ? [[range[0] + by, range[1] + by]] : []
      }
      return [[first, last] as const, ...shifted([65, 90], 32), ...shifted([97, 122], -32)]
    }),
  )

/** One of these characters between quotation marks. */
function quotedCharacter(ranges: CodePoints): string {
  const single = ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1] ? String.fromCodePoint(ranges[0]?.[0] ?? 0) : null
  if (single !== null && !includes(ESCAPED, single.codePointAt(0) ?? 0)) return literal(single)
  const plain = classOf(complementOf(unionOf([...complementOf(ranges), ...ESCAPED])))
  const escaped = ESCAPES.filter(([character]) => includes(ranges, character.codePointAt(0) ?? 0)).map(([, text]) => literal(text))
  const ways = [...(plain === null ? [] : [plain]), ...escaped]
  if (ways.length === 0) throw new RangeError('it has only characters that JSON cannot write plainly')
  return ways.length === 1 && plain !== null ? plain : `(?:${ways.join('|')})`
}

/**
 * A regular expression of Lark for texts as JSON writes them between quotation marks.
 *
 * @throws RangeError for what has no such form
 */
export function quotedRegex(pattern: string, flags: string): string {
  const other = /[^ism]/.exec(flags)?.[0]
  if (other !== undefined) throw new RangeError(`the flag '${other}' is not supported`)
  const cased = flags.includes('i') ? withCases : (ranges: CodePoints): CodePoints => ranges
  return pattern.replaceAll(PART, (part) => {
    if (part.startsWith('(?')) {
      if (part === '(?:') return part
      throw new RangeError(`the group '${part}' is not supported`)
    }
    if (part.length > 1 && part.startsWith('[')) {
      const isOthers = part.startsWith('[^')
      const ranges = cased(membersOf(part.slice(isOthers ? 2 : 1, -1)))
      return quotedCharacter(isOthers ? complementOf(ranges) : ranges)
    }
    if (part === '.') return quotedCharacter(flags.includes('s') ? complementOf([]) : complementOf(LINE_FEED))
    if (part.startsWith('{') || /^[()|*+?^$]$/.test(part)) return part
    return quotedCharacter(cased(charactersOf(part)))
  })
}
