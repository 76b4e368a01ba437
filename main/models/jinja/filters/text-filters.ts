import type { GivenArguments } from '../values/arguments.ts'
import type { Filter } from './filter-surroundings.ts'
import { fixedText } from '../values/fixed-text.ts'
import { formatPercent } from '../values/format-percent.ts'
import { JinjaError } from '../values/jinja-error.ts'
import { pythonJsonText } from '../values/json-text.ts'
import { floatText, reprOf, pythonText } from '../values/python-text.ts'
import { PYTHON_LINE_ENDS } from '../values/python-space.ts'
import { charactersOf, figureOf, isNumber, isTrue, itemsOf, pythonLength, PyFloat, PyTuple, PyUndefined } from '../values/python-value.ts'
import { capitalized, STRING_METHODS, stripped } from '../values/string-methods.ts'

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => HTML[character] ?? character)

function indented(text: string, given: GivenArguments): string {
  const width = given.value(0, 'width', 4)
  const indent = typeof width === 'string' ? width : ' '.repeat(Math.min(1000, given.int(0, 'width', 4)))
  const [first = '', ...rest] = `${text}\n`.split(PYTHON_LINE_ENDS).slice(0, -1)
  const isBlank = isTrue(given.value(2, 'blank', false))
  const lines = rest.map((line) => (line === '' && !isBlank ? line : indent + line))
  return (isTrue(given.value(1, 'first', false)) ? indent : '') + [first, ...lines].join('\n')
}

function truncated(text: string, given: GivenArguments): string {
  const [length, end, leeway] = [given.int(0, 'length', 255), given.text(2, 'end', '...'), given.int(3, 'leeway', 5)]
  const all = charactersOf(text)
  if (all.length <= length + leeway) return text
  const kept = all.slice(0, length - pythonLength(end)).join('')
  if (isTrue(given.value(1, 'killwords', false))) return kept + end
  return (kept.includes(' ') ? kept.slice(0, kept.lastIndexOf(' ')) : kept) + end
}

function wrapped(text: string, given: GivenArguments): string {
  const width = given.int(0, 'width', 79)
  const wrapLine = (line: string): string => {
    const lines = ['']
    for (const word of line.match(/\S+|\s+/g) ?? []) {
      const last = lines.at(-1) ?? ''
      if (last.length + word.length <= width || last === '') lines[lines.length - 1] = last + word
      else lines.push(word)
    }
    return lines
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join('\n')
  }
  return text.split('\n').map(wrapLine).join('\n')
}

function toInt(value: unknown, given: GivenArguments): number {
  const preset = given.int(0, 'default', 0)
  if (isNumber(value)) return Math.trunc(figureOf(value))
  if (typeof value !== 'string') return preset
  const base = given.int(1, 'base', 10)
  const text = value.trim().replaceAll('_', '')
  const digits =
    base === 16 ? text.replace(/^0x/i, '') : base === 8 ? text.replace(/^0o/i, '') : base === 2 ? text.replace(/^0b/i, '') : text
  const isWhole = new RegExp(base === 10 ? '^[-+]?\\d+$' : '^[-+]?[\\da-z]+$', 'i').test(digits)
  const figure = isWhole ? Number.parseInt(digits, base) : Number(digits)
  return digits !== '' && Number.isFinite(figure) ? Math.trunc(figure) : preset
}

function toFloat(value: unknown, given: GivenArguments): unknown {
  if (isNumber(value)) return new PyFloat(figureOf(value))
  const figure = typeof value === 'string' && value.trim() !== '' ? Number(value.replaceAll('_', '')) : Number.NaN
  if (!Number.isNaN(figure)) return new PyFloat(figure)
  return given.value(0, 'default', new PyFloat(0))
}

/** Rounds a half to the even neighbour. The exact binary value decides whether it is a half. */
function rounded(value: unknown, given: GivenArguments): PyFloat | number {
  if (!isNumber(value)) throw new JinjaError('round() wants a number')
  const [precision, method] = [given.int(0, 'precision', 0), given.text(1, 'method', 'common')]
  const figure = figureOf(value)
  if (method === 'ceil' || method === 'floor') return new PyFloat(Math[method](figure * 10 ** precision) / 10 ** precision)
  if (!(value instanceof PyFloat) && precision >= 0) return figure
  if (precision < 0) return new PyFloat(Number(fixedText(figure * 10 ** precision, 0)) / 10 ** precision)
  return new PyFloat(Number(fixedText(figure, Math.min(100, precision))))
}

function fileSize(value: unknown, given: GivenArguments): string {
  const bytes = isNumber(value) ? figureOf(value) : Number(pythonText(value))
  const isBinary = isTrue(given.value(0, 'binary', false))
  const base = isBinary ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const units = isBinary ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'] : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
  const power = Math.min(units.length, Math.max(1, Math.floor(Math.log(bytes) / Math.log(base))))
  return `${(bytes / base ** power).toFixed(1)} ${units[power - 1] ?? ''}`
}

/** Python's JSON without escapes for non-ASCII characters, as in Transformers. */
function toJson(value: unknown, given: GivenArguments): string {
  const indent = given.value(1, 'indent', null)
  const separators = given.value(2, 'separators', null)
  const [itemSeparator, keySeparator] = separators === null ? [', ', ': '] : itemsOf(separators).map(pythonText)
  return pythonJsonText(value, {
    ensureAscii: isTrue(given.value(0, 'ensure_ascii', false)),
    indent: typeof indent === 'string' ? indent : isNumber(indent) ? ' '.repeat(Math.min(100, figureOf(indent))) : null,
    itemSeparator: itemSeparator ?? ', ',
    keySeparator: keySeparator ?? ': ',
    sortKeys: isTrue(given.value(3, 'sort_keys', false)),
  })
}

function urlEncoded(value: unknown): string {
  const encode = (text: string): string =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`)
  const plus = (text: string): string => encode(text).replaceAll('%20', '+')
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].map(([key, item]) => `${plus(pythonText(key))}=${plus(pythonText(item))}`).join('&')
  return encode(pythonText(value)).replaceAll('%2F', '/')
}

const onText =
  (change: (text: string, given: GivenArguments) => unknown): Filter =>
  (value, given) =>
    change(pythonText(value), given)
const method = (name: string): Filter => onText((text, given) => STRING_METHODS[name]?.(text, given, () => null))

/** Jinja's filters for strings and numbers. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  abs: (value) => {
    if (!isNumber(value)) throw new JinjaError('abs() wants a number')
    return value instanceof PyFloat ? new PyFloat(Math.abs(value.value)) : Math.abs(figureOf(value))
  },
  capitalize: onText(capitalized),
  center: onText((text, given) => {
    const width = Math.min(100_000, given.int(0, 'width', 80))
    const missing = Math.max(0, width - pythonLength(text))
    const before = Math.floor(missing / 2) + (missing & width & 1)
    return ' '.repeat(before) + text + ' '.repeat(missing - before)
  }),
  default: (value, given) =>
    value instanceof PyUndefined || (isTrue(given.value(1, 'boolean', false)) && !isTrue(value))
      ? given.value(0, 'default_value', '')
      : value,
  escape: onText(escaped),
  filesizeformat: fileSize,
  float: toFloat,
  forceescape: onText(escaped),
  format: (value, given) => formatPercent(pythonText(value), given.keywords.size > 0 ? new Map(given.keywords) : new PyTuple(given.args)),
  indent: onText(indented),
  int: toInt,
  lower: onText((text) => text.toLowerCase()),
  pprint: (value) => reprOf(value),
  replace: method('replace'),
  round: rounded,
  safe: (value) => (value instanceof PyFloat ? floatText(value.value) : pythonText(value)),
  string: onText((text) => text),
  striptags: onText((text) =>
    text
      .replaceAll(/<!--[\s\S]*?-->|<[^>]*>/g, '')
      .split(/\s+/)
      .filter(Boolean)
      .join(' '),
  ),
  title: onText((text) => text.replaceAll(/[^-\s({[<]+/g, (word) => capitalized(word))),
  tojson: toJson,
  trim: onText((text, given) => stripped(text, given.optionalText(0, 'chars'), 'both')),
  truncate: onText(truncated),
  upper: onText((text) => text.toUpperCase()),
  urlencode: urlEncoded,
  wordcount: onText((text) => text.match(/[\p{L}\p{N}\p{M}_]+/gu)?.length ?? 0),
  wordwrap: onText(wrapped),
  // Jinja does not have these filters, but templates written for other engines use them.
  strip: method('strip'),
  split: method('split'),
  startswith: method('startswith'),
  endswith: method('endswith'),
}
