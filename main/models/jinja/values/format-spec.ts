import { spend } from './work-budget.ts'
import { fixedText } from './fixed-text.ts'
import { JinjaError } from './jinja-error.ts'
import { floatText, intText, pythonText } from './python-text.ts'
import { charactersOf, figureOf, isNumber, PyFloat, type PyNumber, typeName } from './python-value.ts'

export interface Spec {
  readonly fill: string
  readonly align: '<' | '>' | '^' | '=' | ''
  readonly sign: '+' | '-' | ' '
  readonly isAlternate: boolean
  readonly width: number
  readonly grouping: ',' | '_' | ''
  readonly precision: number | null
  readonly type: string
}

const MOST_WIDTH = 100_000
const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u

export function parseSpec(text: string): Spec {
  const found = SPEC.exec(text)
  if (!found) throw new JinjaError(`Invalid format specifier '${text}'`)
  const [, fill, align, sign, alternate, zero, width, grouping, precision, type] = found
  const spec: Spec = {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: (align ?? (zero === undefined ? '' : '=')) as Spec['align'],
    sign: (sign ?? '-') as Spec['sign'],
    isAlternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: (grouping ?? '') as Spec['grouping'],
    precision: precision === undefined ? null : Number(precision),
    type: type ?? '',
  }
  if (spec.width > MOST_WIDTH || (spec.precision ?? 0) > 100) throw new JinjaError('A format is too wide.')
  return spec
}

function grouped(digits: string, separator: string, size: number): string {
  if (separator !== '') spend(digits.length ** 2 / 64)
  return separator === '' ? digits : digits.replaceAll(new RegExp(`\\B(?=(?:[\\da-fA-F]{${size}})+(?![\\da-fA-F]))`, 'g'), separator)
}

function exponential(figure: number, precision: number): string {
  return figure.toExponential(precision).replace(/e([-+])(\d)$/, 'e$10$2')
}

/** `%g`: the given number of significant digits, without trailing zeros. */
function general(figure: number, precision: number, keepsZeros: boolean): string {
  const digits = Math.max(1, precision)
  if (figure === 0) return '0'
  const exponent = Number(figure.toExponential(digits - 1).split('e')[1])
  const isExponential = exponent < -4 || exponent >= digits
  const text = isExponential ? exponential(figure, digits - 1) : fixedText(figure, Math.max(0, digits - 1 - exponent))
  if (keepsZeros || !text.includes('.')) return text
  return text.replace(/\.?0+(?=e|$)/, '')
}

function magnitudeText(value: PyNumber, magnitude: number, spec: Spec): string {
  const { type, precision, grouping, isAlternate } = spec
  const whole = typeof value === 'bigint' ? (value < 0n ? -value : value) : magnitude
  const radix = { b: 2, o: 8, x: 16, X: 16 }[type]
  if (radix !== undefined) {
    const digits = grouped(BigInt(whole).toString(radix), grouping, 4)
    const text = (isAlternate ? `0${type.toLowerCase()}` : '') + digits
    return type === 'X' ? text.toUpperCase() : text
  }
  if (!Number.isFinite(magnitude)) return Number.isNaN(magnitude) ? 'nan' : 'inf'
  const isInt = !(value instanceof PyFloat)
  const plain = (): string => {
    switch (type) {
      case '':
        return isInt ? intText(whole) : precision === null ? floatText(magnitude) : general(magnitude, precision, isAlternate)
      case 'd':
      case 'n':
        return intText(whole)
      case 'f':
      case 'F':
        return fixedText(magnitude, precision ?? 6)
      case '%':
        return `${fixedText(magnitude * 100, precision ?? 6)}%`
      case 'e':
      case 'E':
        return exponential(magnitude, precision ?? 6)
      case 'g':
      case 'G':
        return general(magnitude, precision ?? 6, isAlternate)
      default:
        throw new JinjaError(`Unknown format code '${type}' for object of type '${typeName(value)}'`)
    }
  }
  const text = plain()
  const [start = '', ...rest] = text.split(/(?=[.e%])/)
  const full = grouped(start, grouping, 3) + rest.join('')
  return type === 'E' || type === 'G' ? full.toUpperCase() : full
}

function pad(sign: string, text: string, { fill, align, width }: Spec, preset: '<' | '>'): string {
  if (width > MOST_WIDTH) throw new JinjaError('A format is too wide.')
  spend((text.length + width) / 4)
  const missing = Math.max(0, width - charactersOf(sign + text).length)
  const side = align === '' ? preset : align
  if (side === '=') return sign + fill.repeat(missing) + text
  const left = side === '<' ? 0 : side === '>' ? missing : Math.floor(missing / 2)
  return fill.repeat(left) + sign + text + fill.repeat(missing - left)
}

/** Formats a value like Python's `format`. */
export function formatValue(value: unknown, spec: Spec): string {
  if (isNumber(value) && !(typeof value === 'boolean' && spec.type === '')) {
    if (spec.type === 'c') return pad('', String.fromCodePoint(figureOf(value)), spec, '<')
    if (spec.type === 's') throw new JinjaError(`Unknown format code 's' for object of type '${typeName(value)}'`)
    const figure = figureOf(value)
    const sign = figure < 0 || Object.is(figure, -0) ? '-' : spec.sign === '-' ? '' : spec.sign
    return pad(sign, magnitudeText(value, Math.abs(figure), spec), spec, '>')
  }
  if (spec.type !== '' && spec.type !== 's')
    throw new JinjaError(`Unknown format code '${spec.type}' for object of type '${typeName(value)}'`)
  const text = pythonText(value)
  const shown = spec.precision === null ? text : charactersOf(text).slice(0, spec.precision).join('')
  return pad('', shown, spec.align === '=' ? { ...spec, align: '<' } : spec, '<')
}
