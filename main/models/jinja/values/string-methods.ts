import type { GivenArguments } from './arguments.ts'
import { formatBraces } from './format-braces.ts'
import { JinjaError } from './jinja-error.ts'
import { PYTHON_LINE_ENDS, PYTHON_SPACE } from './python-space.ts'
import { isPrintable, pythonText } from './python-text.ts'
import { joinTexts, spend } from './work-budget.ts'
import { charactersOf, figureOf, isNumber, itemsOf, pairsOf, PyBytes, pythonLength, PyTuple, typeName } from './python-value.ts'

/** Far wider than any line. */
const MOST_PADDING = 100_000

type Method = (text: string, given: GivenArguments, memberOf: (object: unknown, key: unknown) => unknown) => unknown

/** Digraphs in title case and in upper case. */
const DIGRAPHS: readonly (readonly [title: string, upper: string])[] = [
  ['ǅ', 'Ǆ'],
  ['ǈ', 'Ǉ'],
  ['ǋ', 'Ǌ'],
  ['ǲ', 'Ǳ'],
]
const BLANK = new RegExp(`^[${PYTHON_SPACE}]$`, 'u')

/** @param characters - null: whitespace */
export function stripped(text: string, characters: string | null, side: 'left' | 'right' | 'both'): string {
  const all = charactersOf(text)
  const set = characters === null ? null : new Set(charactersOf(characters))
  const goes = (character: string | undefined): boolean => character !== undefined && (set ? set.has(character) : BLANK.test(character))
  let start = 0
  let end = all.length
  if (side !== 'right') while (start < end && goes(all[start])) start += 1
  if (side !== 'left') while (end > start && goes(all[end - 1])) end -= 1
  return all.slice(start, end).join('')
}

function splitBlank(text: string, most: number, fromRight: boolean): string[] {
  const words = stripped(text, null, 'both')
  if (words === '') return []
  const found = [...words.matchAll(new RegExp(`[${PYTHON_SPACE}]+`, 'gu'))]
  const cuts = most < 0 ? found : fromRight ? found.slice(Math.max(0, found.length - most)) : found.slice(0, most)
  const parts: string[] = []
  let start = 0
  for (const { index, 0: gap } of cuts) {
    parts.push(words.slice(start, index))
    start = index + gap.length
  }
  // The part beyond the last cut keeps the whitespace at its outer end, as in Python.
  const whole = [...parts, words.slice(start)]
  if (most < 0 || cuts.length < most) return whole
  if (fromRight) return [stripped(text.slice(0, text.indexOf(words) + (whole[0] ?? '').length), null, 'right'), ...whole.slice(1)]
  return [...whole.slice(0, -1), text.slice(text.lastIndexOf(whole.at(-1) ?? ''))]
}

function split(text: string, given: GivenArguments, fromRight: boolean): string[] {
  const separator = given.optionalText(0, 'sep')
  const most = given.int(1, 'maxsplit', -1)
  if (separator === null) return splitBlank(text, most, fromRight)
  if (separator === '') throw new JinjaError('empty separator')
  const parts = text.split(separator)
  if (most < 0 || parts.length <= most + 1) return parts
  if (fromRight) return [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)]
  return [...parts.slice(0, most), parts.slice(most).join(separator)]
}

export function splitLines(text: string, keepsEnds: boolean): string[] {
  const lines: string[] = []
  let start = 0
  for (const { index, 0: end } of text.matchAll(PYTHON_LINE_ENDS)) {
    lines.push(text.slice(start, index + (keepsEnds ? end.length : 0)))
    start = index + end.length
  }
  if (start < text.length) lines.push(text.slice(start))
  return lines
}

function isAffixed(text: string, given: GivenArguments, side: 'start' | 'end'): boolean {
  const affix = given.value(0, 'prefix')
  const affixes = affix instanceof PyTuple ? affix.items : [affix]
  const all = charactersOf(text)
  const part = all.slice(...bounds(all.length, given)).join('')
  return affixes.some((candidate) => {
    if (typeof candidate !== 'string')
      throw new JinjaError(`${side}swith first arg must be str or a tuple of str, not ${typeName(candidate)}`)
    return side === 'start' ? part.startsWith(candidate) : part.endsWith(candidate)
  })
}

function bounds(length: number, given: GivenArguments): [number, number] {
  const place = (value: number): number => Math.min(length, Math.max(0, value < 0 ? value + length : value))
  return [place(given.optionalInt(1, 'start') ?? 0), place(given.optionalInt(2, 'end') ?? length)]
}

function find(text: string, given: GivenArguments, fromRight: boolean): number {
  const all = charactersOf(text)
  const [start, end] = bounds(all.length, given)
  const part = all.slice(start, end).join('')
  const sought = given.text(0, 'sub')
  const at = fromRight ? part.lastIndexOf(sought) : part.indexOf(sought)
  return at < 0 || start > end ? -1 : start + pythonLength(part.slice(0, at))
}

function index(text: string, given: GivenArguments, fromRight: boolean): number {
  const at = find(text, given, fromRight)
  if (at < 0) throw new JinjaError('substring not found')
  return at
}

function partition(text: string, given: GivenArguments, fromRight: boolean): PyTuple {
  const separator = given.text(0, 'sep')
  const at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator)
  if (at < 0) return new PyTuple(fromRight ? ['', '', text] : [text, '', ''])
  return new PyTuple([text.slice(0, at), separator, text.slice(at + separator.length)])
}

function justified(text: string, given: GivenArguments, side: 'left' | 'right' | 'center'): string {
  const width = given.int(0, 'width')
  if (width > MOST_PADDING) throw new JinjaError('A text is padded too much.')
  const fill = given.text(1, 'fillchar', ' ')
  const missing = Math.max(0, width - pythonLength(text))
  const before = side === 'left' ? 0 : side === 'right' ? missing : Math.floor(missing / 2) + (missing & width & 1)
  return fill.repeat(before) + text + fill.repeat(missing - before)
}

/** Makes the first letter of each word upper case and the others lower case, as in Python. */
function titled(text: string): string {
  return text.replaceAll(/\p{L}[\p{L}\p{M}]*/gu, (word) => capitalized(word))
}

/** Digraphs have a title case of their own; of a letter that becomes several, the first is capital. */
function titleCase(letter: string): string {
  const digraph = DIGRAPHS.find(([, upper]) => upper === letter.toUpperCase())
  if (digraph) return digraph[0]
  const [first = '', ...rest] = charactersOf(letter.toUpperCase())
  return first + rest.join('').toLowerCase()
}

function swapped(character: string): string {
  if (DIGRAPHS.some(([title]) => title === character)) return character
  return character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase()
}

/** Full case folding: letters that become several in upper case do so here too. */
function folded(text: string): string {
  return charactersOf(text)
    .map((letter) => (letter.toUpperCase().length > letter.length ? letter.toUpperCase() : letter).toLowerCase())
    .join('')
    .replaceAll('ς', 'σ')
}

function translated(text: string, table: unknown): string {
  if (!(table instanceof Map)) throw new JinjaError(`translate() wants a dict, not ${typeName(table)}`)
  const characters = charactersOf(text).map((character) => {
    const place = character.codePointAt(0)
    if (!table.has(place)) return character
    const other: unknown = table.get(place)
    return other === null ? '' : isNumber(other) ? String.fromCodePoint(figureOf(other)) : pythonText(other)
  })
  return joinTexts(characters, '')
}

function translationTable(given: GivenArguments): Map<unknown, unknown> {
  const code = (character: unknown): unknown => (typeof character === 'string' ? character.codePointAt(0) : character)
  const from = given.value(0, 'x')
  if (from instanceof Map) return new Map(pairsOf(from).map(([key, value]) => [code(key), value]))
  const to = charactersOf(given.text(1, 'y'))
  const pairs = charactersOf(given.text(0, 'x')).map((character, at) => [code(character), code(to[at])] as const)
  if (pairs.length !== to.length) throw new JinjaError('the first two maketrans arguments must have equal length')
  return new Map<unknown, unknown>([...pairs, ...charactersOf(given.text(2, 'z', '')).map((gone) => [code(gone), null] as const)])
}

/** A text in UTF-8, or its ASCII characters. */
function encoded(text: string, given: GivenArguments): PyBytes {
  const [encoding, errors] = [given.text(0, 'encoding', 'utf-8'), given.text(1, 'errors', 'strict')]
  if (/^utf[-_]?8$/i.test(encoding)) return new PyBytes(new TextEncoder().encode(text))
  if (!/^(us-?)?ascii$/i.test(encoding)) throw new JinjaError(`unknown encoding: ${encoding}`)
  const isAscii = /^\p{ASCII}*$/u.test(text)
  if (!isAscii && errors !== 'ignore' && errors !== 'replace') throw new JinjaError("'ascii' codec can't encode this text")
  return new PyBytes(new TextEncoder().encode(text.replaceAll(/[^\p{ASCII}]/gu, errors === 'replace' ? '?' : '')))
}

export function capitalized(text: string): string {
  const [first = '', ...rest] = charactersOf(text)
  return titleCase(first) + rest.join('').toLowerCase()
}

function replaced(text: string, given: GivenArguments): string {
  const [from, to, most] = [given.text(0, 'old'), given.text(1, 'new'), given.int(2, 'count', -1)]
  if (most < 0 && from !== '') return joinTexts(text.split(from), to)
  const parts = from === '' ? ['', ...charactersOf(text), ''] : text.split(from)
  const cut = most < 0 ? parts.length : Math.min(parts.length, most + 1)
  return joinTexts([...parts.slice(0, cut - 1), parts.slice(cut - 1).join(from)], to)
}

/** Fills up to the next multiple of the tab size with spaces. */
function expandedTabs(text: string, given: GivenArguments): string {
  const size = given.int(0, 'tabsize', 8)
  if (size > MOST_PADDING) throw new JinjaError('A text is padded too much.')
  const parts = text.split('\t')
  const last = parts.length - 1
  let column = 0
  const filled = parts.map((part, at) => {
    const lineStart = part.lastIndexOf('\n') + 1
    column = (lineStart > 0 ? 0 : column) + part.length - lineStart
    const missing = at === last || size <= 0 ? 0 : size - (column % size)
    column += missing
    spend(missing / 4)
    return part + ' '.repeat(missing)
  })
  return filled.join('')
}

const count = (text: string, given: GivenArguments): number => {
  const all = charactersOf(text)
  const [start, end] = bounds(all.length, given)
  const part = all.slice(start, end).join('')
  const sought = given.text(0, 'sub')
  return sought === '' ? pythonLength(part) + 1 : part.split(sought).length - 1
}

const isAll =
  (pattern: RegExp): Method =>
  (text) =>
    pattern.test(text)

/** The methods of Python's `str`. */
export const STRING_METHODS: Readonly<Record<string, Method>> = {
  strip: (text, given) => stripped(text, given.optionalText(0, 'chars'), 'both'),
  lstrip: (text, given) => stripped(text, given.optionalText(0, 'chars'), 'left'),
  rstrip: (text, given) => stripped(text, given.optionalText(0, 'chars'), 'right'),
  split: (text, given) => split(text, given, false),
  rsplit: (text, given) => split(text, given, true),
  splitlines: (text, given) => splitLines(text, given.value(0, 'keepends', false) === true),
  startswith: (text, given) => isAffixed(text, given, 'start'),
  endswith: (text, given) => isAffixed(text, given, 'end'),
  removeprefix: (text, given) => (text.startsWith(given.text(0, 'prefix')) ? text.slice(given.text(0, 'prefix').length) : text),
  removesuffix: (text, given) =>
    given.text(0, 'suffix') !== '' && text.endsWith(given.text(0, 'suffix')) ? text.slice(0, -given.text(0, 'suffix').length) : text,
  replace: replaced,
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  casefold: folded,
  encode: encoded,
  isprintable: (text) => charactersOf(text).every(isPrintable),
  maketrans: (_, given) => translationTable(given),
  translate: (text, given) => translated(text, given.value(0, 'table')),
  title: (text) => titled(text),
  capitalize: (text) => capitalized(text),
  swapcase: (text) => charactersOf(text).map(swapped).join(''),
  find: (text, given) => find(text, given, false),
  rfind: (text, given) => find(text, given, true),
  index: (text, given) => index(text, given, false),
  rindex: (text, given) => index(text, given, true),
  count,
  partition: (text, given) => partition(text, given, false),
  rpartition: (text, given) => partition(text, given, true),
  ljust: (text, given) => justified(text, given, 'left'),
  rjust: (text, given) => justified(text, given, 'right'),
  center: (text, given) => justified(text, given, 'center'),
  zfill: (text, given) => {
    const [sign, digits] = /^[-+]/.test(text) ? [text.slice(0, 1), text.slice(1)] : ['', text]
    return sign + '0'.repeat(Math.max(0, Math.min(MOST_PADDING, given.int(0, 'width')) - [...text].length)) + digits
  },
  expandtabs: expandedTabs,
  join: (text, given) => {
    const texts = itemsOf(given.value(0, 'iterable')).map((item, at) => {
      if (typeof item === 'string') return item
      throw new JinjaError(`sequence item ${at}: expected str instance, ${typeName(item)} found`)
    })
    return joinTexts(texts, text)
  },
  format: (text, given, memberOf) => formatBraces(text, given.args, given.keywords, memberOf),
  format_map: (text, given, memberOf) => formatBraces(text, [], new Map(given.value(0, 'mapping') as Map<string, unknown>), memberOf),
  isalpha: isAll(/^\p{L}+$/u),
  isalnum: isAll(/^[\p{L}\p{N}]+$/u),
  isdigit: isAll(/^[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2089]+$/u),
  isdecimal: isAll(/^\p{Nd}+$/u),
  isnumeric: isAll(/^\p{N}+$/u),
  isspace: isAll(new RegExp(`^[${PYTHON_SPACE}]+$`, 'u')),
  isascii: (text) => charactersOf(text).every((character) => (character.codePointAt(0) ?? 0) < 128),
  isidentifier: isAll(/^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u),
  islower: (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
  isupper: (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  istitle: (text) => /\p{L}/u.test(text) && text === titled(text),
}
