import type { GivenArguments } from '../values/arguments.ts'
import type { Filter } from './filter-surroundings.ts'
import { escapedHtml } from '../values/escaped-html.ts'
import { fixedText } from '../values/fixed-text.ts'
import { formatPercent } from '../values/format-percent.ts'
import { JinjaError } from '../values/jinja-error.ts'
import { pythonJsonText } from '../values/json-text.ts'
import { floatText, reprOf, pythonText } from '../values/python-text.ts'
import { checkDefined } from '../values/members.ts'
import { PYTHON_LINE_ENDS, PYTHON_SPACE } from '../values/python-space.ts'
import {
  charactersOf,
  figureOf,
  isInt,
  isNumber,
  isTrue,
  itemsOf,
  narrowed,
  pairsOf,
  PyFloat,
  PyGenerator,
  pythonLength,
  PyTuple,
  PyUndefined,
  PyView,
  typeName,
} from '../values/python-value.ts'
import { wrapText } from '../values/text-wrap.ts'
import { spend } from '../values/work-budget.ts'
import { capitalized, splitLines, STRING_METHODS, stripped } from '../values/string-methods.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

function indented(text: string, given: GivenArguments): string {
  const width = given.value(0, 'width', 4)
  const indent = typeof width === 'string' ? width : ' '.repeat(Math.min(1000, given.int(0, 'width', 4)))
  const [first = '', ...rest] = `${text}\n`.split(PYTHON_LINE_ENDS).slice(0, -1)
  spend((rest.length * indent.length) / 4)
  const isBlank = isTrue(given.value(2, 'blank', false))
  const lines = rest.map((line) => (line === '' && !isBlank ? line : indent + line))
  return (isTrue(given.value(1, 'first', false)) ? indent : '') + [first, ...lines].join('\n')
}

/** Removes comments and tags. A pattern would search the rest of the text again for every `<` that is not closed. */
function withoutTags(text: string): string {
  const kept: string[] = []
  let at = 0
  let hasComments = true
  for (let open = text.indexOf('<'); open >= 0; open = text.indexOf('<', at)) {
    const isComment: boolean = hasComments && text.startsWith('<!--', open)
    const commentEnd: number = isComment ? text.indexOf('-->', open + 4) : -1
    hasComments &&= !isComment || commentEnd >= 0
    const end = commentEnd >= 0 ? commentEnd + 3 : text.indexOf('>', open) + 1
    if (end === 0) break
    kept.push(text.slice(at, open))
    at = end
  }
  return kept.join('') + text.slice(at)
}

function truncated(text: string, given: GivenArguments): string {
  const [length, end, leeway] = [given.int(0, 'length', 255), given.text(2, 'end', '...'), given.int(3, 'leeway', 5)]
  const all = charactersOf(text)
  if (all.length <= length + leeway) return text
  const kept = all.slice(0, length - pythonLength(end)).join('')
  if (isTrue(given.value(1, 'killwords', false))) return kept + end
  return (kept.includes(' ') ? kept.slice(0, kept.lastIndexOf(' ')) : kept) + end
}

function textOnly(value: unknown): string {
  if (typeof value === 'string') return value
  throw new JinjaError(`expected a str, not ${typeName(value)}`)
}

/** Only text is cut: other values are short enough, or an error. */
function untruncated(value: unknown, given: GivenArguments): unknown {
  if (pythonLength(value) <= given.int(0, 'length', 255) + given.int(3, 'leeway', 5)) return value
  throw new JinjaError(`a ${typeName(value)} cannot be truncated`)
}

function wrapped(text: string, given: GivenArguments): string {
  const between = given.value(2, 'wrapstring', null)
  const options = {
    width: given.int(0, 'width', 79),
    breaksLongWords: isTrue(given.value(1, 'break_long_words', true)),
    breaksOnHyphens: isTrue(given.value(3, 'break_on_hyphens', true)),
  }
  const joint = between === null ? '\n' : pythonText(between)
  return splitLines(text, false)
    .map((line) => wrapText(line, options).join(joint))
    .join(joint)
}

/** Digits of every script, as Python reads numbers: `_` may stand between two of them. */
function plainDigits(text: string): string {
  const zero = /\p{Nd}/u
  return charactersOf(text.trim().replaceAll(/(?<=[\p{L}\p{Nd}])_(?=[\p{L}\p{Nd}])/gu, ''))
    .map((character) => {
      if (!zero.test(character) || character < '\u0080') return character
      let first = character.codePointAt(0) ?? 0
      while (zero.test(String.fromCodePoint(first - 1)) && (character.codePointAt(0) ?? 0) - first < 9) first -= 1
      return String((character.codePointAt(0) ?? 0) - first)
    })
    .join('')
}

/** NaN if the text is not a number. */
function figureOfText(text: string): number {
  const digits = plainDigits(text)
  const word = /^([-+]?)(inf|infinity)$/i.exec(digits)
  if (word) return word[1] === '-' ? -Infinity : Infinity
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(digits) ? Number(digits) : Number.NaN
}

function toInt(value: unknown, given: GivenArguments): unknown {
  checkDefined(value)
  const preset = given.value(0, 'default', 0)
  if (isInt(value)) return value
  if (isNumber(value)) return Number.isFinite(figureOf(value)) ? wholeOf(figureOf(value)) : preset
  if (typeof value !== 'string') return preset
  const base = given.int(1, 'base', 10)
  const [, sign = '', prefix = '', digits = ''] = /^([-+]?)(0[xob])?(.*)$/is.exec(plainDigits(value)) ?? []
  const prefixed = { '0x': 16, '0o': 8, '0b': 2 }[prefix.toLowerCase()]
  const radix = base === 0 ? (prefixed ?? 10) : base
  const own = prefix !== '' && prefixed !== radix ? prefix + digits : digits
  const places = charactersOf(own.toLowerCase()).map((digit) => ALPHABET.indexOf(digit))
  if (places.length > 0 && places.length < 10_000 && places.every((place) => place >= 0 && place < radix)) {
    const size = places.reduce((sum, place) => sum * BigInt(radix) + BigInt(place), 0n)
    return narrowed(sign === '-' ? -size : size)
  }
  const figure = figureOfText(value)
  return Number.isFinite(figure) ? wholeOf(figure) : preset
}

const wholeOf = (figure: number): number | bigint =>
  Number.isSafeInteger(Math.trunc(figure)) ? Math.trunc(figure) + 0 : BigInt(Math.trunc(figure))

function toFloat(value: unknown, given: GivenArguments): unknown {
  if (isNumber(value)) return new PyFloat(figureOf(value))
  checkDefined(value)
  const figure = typeof value === 'string' ? figureOfText(value) : Number.NaN
  if (!Number.isNaN(figure) || (typeof value === 'string' && /^\s*[-+]?nan\s*$/i.test(value))) return new PyFloat(figure)
  return given.value(0, 'default', new PyFloat(0))
}

/** Rounds a half to the even neighbour. The exact binary value decides whether it is a half. */
function rounded(value: unknown, given: GivenArguments): PyFloat | number | bigint {
  if (!isNumber(value)) throw new JinjaError('round() wants a number')
  const [precision, method] = [given.int(0, 'precision', 0), given.text(1, 'method', 'common')]
  if (typeof value === 'bigint' && precision >= 0 && method === 'common') return value
  const figure = figureOf(value)
  if (!Number.isFinite(figure)) return new PyFloat(figure)
  if (method === 'ceil' || method === 'floor') return new PyFloat(Math[method](figure * 10 ** precision) / 10 ** precision)
  if (!(value instanceof PyFloat) && precision >= 0) return figure
  if (precision < 0) {
    const near = Number(fixedText(figure * 10 ** precision, 0)) / 10 ** precision
    return value instanceof PyFloat ? new PyFloat(near) : near
  }
  const near = Number(fixedText(figure, Math.min(100, precision)))
  return new PyFloat(near === 0 && (figure < 0 || Object.is(figure, -0)) ? -0 : near)
}

function fileSize(value: unknown, given: GivenArguments): string {
  const bytes = isNumber(value) ? figureOf(value) : typeof value === 'string' ? figureOfText(value) : Number.NaN
  if (Number.isNaN(bytes)) throw new JinjaError(`could not convert ${reprOf(value)} to float`)
  const isBinary = isTrue(given.value(0, 'binary', false))
  const base = isBinary ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const units = isBinary ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'] : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
  const power = Math.min(units.length, Math.max(1, Math.floor(Math.log(bytes) / Math.log(base))))
  return `${fixedText(bytes / base ** power, 1)} ${units[power - 1] ?? ''}`
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
  const isList = Array.isArray(value) || value instanceof PyTuple || value instanceof PyView || value instanceof PyGenerator
  if (value instanceof Map || isList)
    return (value instanceof Map ? pairsOf(value) : itemsOf(value).map(itemsOf))
      .map((pair) => {
        if (pair.length !== 2) throw new JinjaError('urlencode wants pairs')
        return pair.map((part) => plus(pythonText(part))).join('=')
      })
      .join('&')
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
    if (typeof value === 'bigint') return value < 0n ? -value : value
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
  escape: onText(escapedHtml),
  filesizeformat: fileSize,
  float: toFloat,
  forceescape: onText(escapedHtml),
  format: (value, given) => formatPercent(pythonText(value), given.keywords.size > 0 ? new Map(given.keywords) : new PyTuple(given.args)),
  indent: (value, given) => indented(textOnly(value), given),
  int: toInt,
  lower: onText((text) => text.toLowerCase()),
  pprint: (value) => reprOf(value),
  replace: method('replace'),
  round: rounded,
  safe: (value) => (value instanceof PyFloat ? floatText(value.value) : pythonText(value)),
  string: onText((text) => text),
  striptags: onText((text) =>
    withoutTags(text)
      .split(new RegExp(`[${PYTHON_SPACE}]+`))
      .filter(Boolean)
      .join(' '),
  ),
  title: onText((text) =>
    text.replaceAll(/[^-\s({[<]+/g, (word) => {
      const [first = '', ...rest] = charactersOf(word)
      return first.toUpperCase() + rest.join('').toLowerCase()
    }),
  ),
  tojson: toJson,
  trim: onText((text, given) => stripped(text, given.optionalText(0, 'chars'), 'both')),
  truncate: (value, given) => (typeof value === 'string' ? truncated(value, given) : untruncated(value, given)),
  upper: onText((text) => text.toUpperCase()),
  urlencode: urlEncoded,
  wordcount: onText((text) => text.match(/[\p{L}\p{N}\p{M}_]+/gu)?.length ?? 0),
  wordwrap: (value, given) => wrapped(textOnly(value), given),
  // Jinja does not have these filters, but templates written for other engines use them.
  strip: method('strip'),
  split: method('split'),
  startswith: method('startswith'),
  endswith: method('endswith'),
}
