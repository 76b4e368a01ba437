/** A part of a regular expression: what it is, and its length. */
const PART = /\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\u\{([0-9A-Fa-f]+)\}|\\c[A-Za-z]|\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|[^]/gsu

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }
/** Spaces that JSON escapes. */
const WHITE = ' |\\\\[nrtf]'

/** The character that a part stands for; null: several. */
function characterOf(part: string): string | null {
  const hex = /^\\(?:x|u\{?)([0-9A-Fa-f]+)\}?$/.exec(part)?.[1]
  if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
  if (!part.startsWith('\\')) return part
  const name = part.slice(1)
  return CONTROLS[name] ?? (/^[^A-Za-z0-9]$/.test(name) ? name : null)
}

/** The expression of a character inside the quotes of JSON; null: it stands for itself. */
function quoted(character: string): string | null {
  const json = JSON.stringify(character).slice(1, -1)
  return json === character ? null : json.replaceAll('\\', String.raw`\\`)
}

/** A class with the characters that JSON escapes as alternatives. Grammars leave them out of classes that exclude others. */
function quotedClass(part: string): string {
  const inner = part.slice(1, -1)
  if (inner.startsWith('^')) return part
  const kept: string[] = []
  const escaped: string[] = []
  const members = inner.match(/\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\.|[^]/gu) ?? []
  for (const [index, member] of members.entries()) {
    const isRange = members[index + 1] === '-' && index + 2 < members.length
    const isRangeEnd = members[index - 1] === '-' && index >= 2
    const character = characterOf(member)
    const json = character === null || isRange || isRangeEnd ? null : quoted(character)
    if (member === '\\s') escaped.push(WHITE)
    else if (json === null) kept.push(member)
    else escaped.push(json)
  }
  if (escaped.length === 0) return part
  return `(?:${[...(kept.length === 0 ? [] : [`[${kept.join('')}]`]), ...escaped].join('|')})`
}

/** The regular expression of a text as JSON writes it between quotes: quotation marks, backslashes and line breaks are escaped. */
export function jsonPattern(pattern: string): string {
  return pattern.replaceAll(PART, (part) => {
    if (part === '\\s') return `(?:${WHITE})`
    if (part.length > 1 && part.startsWith('[')) return quotedClass(part)
    const character = characterOf(part)
    const json = character === null ? null : quoted(character)
    return json === null ? part : `(?:${json})`
  })
}
