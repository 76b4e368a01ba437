import {
  isInt,
  isPyObject,
  pairsOf,
  PyBytes,
  PyFloat,
  PyFunction,
  PyGenerator,
  PyNamespace,
  PyTuple,
  PyUndefined,
  PyView,
  typeName,
} from './python-value.ts'
import { JinjaError } from './jinja-error.ts'
import { spend, spendOnText } from './work-budget.ts'

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const MOST_LEVELS = 200
const WRITING_WORK = 16

/** A float in Python's notation. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [digits = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (value !== 0 && (exponent < -4 || exponent >= 16))
    return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  const plain = value.toString()
  const fixed = plain.includes('e') ? value.toFixed(Math.min(100, digits.length + Math.abs(exponent))).replace(/0+$/, '') : plain
  return fixed.includes('.') ? fixed : `${fixed}.0`
}

/** An integer of any size, without an exponent. */
export function intText(value: number | bigint): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
}

/** What Python's `repr` writes as it is. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
export const isPrintable = (character: string): boolean => PRINTABLE.test(character)

function escapedCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = (digits: number): string => code.toString(16).padStart(digits, '0')
  return code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`
}

/** Python's `ascii`. */
export function asciiOf(value: unknown): string {
  return reprOf(value).replaceAll(/[^\p{ASCII}]/gu, escapedCharacter)
}

function bytesText(bytes: Uint8Array): string {
  const quote = bytes.includes(39) && !bytes.includes(34) ? '"' : "'"
  const written = Array.from(bytes, (byte) => {
    const character = String.fromCodePoint(byte)
    if (character === quote) return `\\${character}`
    return ESCAPES[character] ?? (byte >= 32 && byte < 127 ? character : `\\x${byte.toString(16).padStart(2, '0')}`)
  })
  return `b${quote}${written.join('')}${quote}`
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll(/\\|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (character) => ESCAPES[character] ?? escapedCharacter(character))
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

/** Python's `repr`. */
export function reprOf(value: unknown, level = 0): string {
  if (level > MOST_LEVELS) throw new JinjaError('A value is nested too deeply to be written.')
  const inner = (item: unknown): string => reprOf(item, level + 1)
  spend(WRITING_WORK)
  if (typeof value === 'string') {
    spendOnText(value)
    return quoted(value)
  }
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`
  if (value instanceof PyTuple) return value.items.length === 1 ? `(${inner(value.items[0])},)` : `(${value.items.map(inner).join(', ')})`
  if (value instanceof Map)
    return `{${pairsOf(value)
      .map(([key, item]) => `${inner(key)}: ${inner(item)}`)
      .join(', ')}}`
  if (value instanceof PyView) return value.shown ?? `${value.typeName}([${value.items.map(inner).join(', ')}])`
  if (value instanceof PyBytes) return bytesText(value.bytes)
  if (value instanceof PyUndefined) return 'Undefined'
  return pythonText(value)
}

/** Python's `str`: how a template prints a value. */
export function pythonText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (isInt(value)) return intText(value)
  if (value instanceof PyFloat) return floatText(value.value)
  if (value instanceof PyUndefined) return ''
  if (value instanceof PyNamespace) return `<Namespace ${reprOf(value.members)}>`
  if (value instanceof PyFunction) return `<function ${value.name}>`
  if (value instanceof PyGenerator) return '<generator object>'
  return isPyObject(value) ? `<${value.shown ?? typeName(value)}>` : reprOf(value)
}
