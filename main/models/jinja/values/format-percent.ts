import { formatValue, type Spec } from './format-spec.ts'
import { JinjaError } from './jinja-error.ts'
import { asciiOf, reprOf, pythonText } from './python-text.ts'
import { figureOf, isNumber, keyOf, PyFloat, PyTuple, PyUndefined, typeName } from './python-value.ts'

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([\s\S])?/g

function spelled(value: unknown, type: string, spec: Spec): string {
  const asText = (text: string): string => formatValue(text, { ...spec, type: 's', fill: ' ', align: spec.align === '<' ? '<' : '>' })
  if (type === 's') return asText(pythonText(value))
  if (type === 'r' || type === 'a') return asText(type === 'r' ? reprOf(value) : asciiOf(value))
  if (type === 'c') return asText(isNumber(value) ? String.fromCodePoint(figureOf(value)) : pythonText(value))
  if (!isNumber(value)) throw new JinjaError(`%${type} format: a real number is required, not ${typeName(value)}`)
  if ('diu'.includes(type))
    return formatValue(typeof value === 'bigint' ? value : Math.trunc(figureOf(value)), { ...spec, precision: null, type: 'd' })
  if ('xXo'.includes(type)) return formatValue(typeof value === 'bigint' ? value : figureOf(value), { ...spec, precision: null, type })
  if ('eEfFgG'.includes(type)) return formatValue(new PyFloat(figureOf(value)), { ...spec, precision: spec.precision ?? 6, type })
  throw new JinjaError(`unsupported format character '${type}'`)
}

/** Python's `text % values`. */
export function formatPercent(text: string, values: unknown): string {
  const items = values instanceof PyTuple ? values.items : [values]
  let at = 0
  let namesUsed = false
  const take = (): unknown => {
    if (at >= items.length) throw new JinjaError('not enough arguments for format string')
    at += 1
    return items[at - 1]
  }
  const written = text.replaceAll(
    DIRECTIVE,
    (
      whole: string,
      name: string | undefined,
      flags: string,
      widthText: string | undefined,
      precisionText: string | undefined,
      type: string | undefined,
    ) => {
      if (type === undefined) throw new JinjaError('incomplete format')
      if (type === '%' && name === undefined) return '%'
      const figure = (given: string | undefined): number | null => {
        if (given === undefined) return null
        const value = given === '*' ? take() : Number(given)
        return isNumber(value) ? figureOf(value) : 0
      }
      const width = figure(widthText) ?? 0
      const precision = figure(precisionText) ?? (whole.includes('.') && precisionText === undefined ? 0 : null)
      const isLeft = flags.includes('-') || width < 0
      const isZero = flags.includes('0') && !isLeft
      const spec: Spec = {
        fill: isZero ? '0' : ' ',
        align: isLeft ? '<' : isZero ? '=' : '>',
        sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-',
        isAlternate: flags.includes('#'),
        width: Math.abs(width),
        grouping: '',
        precision,
        type: '',
      }
      if (name === undefined) return spelled(take(), type, spec)
      if (!(values instanceof Map)) throw new JinjaError('format requires a mapping')
      namesUsed = true
      if (!values.has(keyOf(name))) throw new JinjaError(`KeyError: '${name}'`)
      return spelled(values.get(keyOf(name)), type, spec)
    },
  )
  const isMapping = values instanceof Map || Array.isArray(values) || values instanceof PyUndefined
  if (at < items.length && !namesUsed && !(isMapping && at === 0))
    throw new JinjaError('not all arguments converted during string formatting')
  return written
}
