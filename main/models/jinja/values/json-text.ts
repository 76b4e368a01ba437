import { JinjaError } from './jinja-error.ts'
import { spend, spendOnText } from './work-budget.ts'
import { floatText, intText } from './python-text.ts'
import { isInt, pairsOf, PyFloat, PyTuple, PyUndefined, typeName } from './python-value.ts'

export interface JsonStyle {
  /** Escapes non-ASCII characters: Python's default, which Transformers turns off. */
  readonly ensureAscii: boolean
  /** The indent per level; null: everything on one line. */
  readonly indent: string | null
  readonly itemSeparator: string
  readonly keySeparator: string
  readonly sortKeys: boolean
}

const MOST_LEVELS = 200
const WRITING_WORK = 16

function jsonString(text: string, ensureAscii: boolean): string {
  spendOnText(text)
  // Python does not escape U+007F and above, including lone surrogates.
  const written = JSON.stringify(text).replaceAll(/\\ud[89a-f][\da-f]{2}/g, (escape) =>
    ensureAscii ? escape : String.fromCharCode(Number.parseInt(escape.slice(2), 16)),
  )
  if (!ensureAscii) return written
  return written.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${(unit.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  if (isInt(key)) return intText(key)
  if (key instanceof PyFloat) return floatText(key.value)
  throw new JinjaError(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

function floatJson(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity'
}

/** Python's `json.dumps`. */
export function pythonJsonText(value: unknown, style: JsonStyle, level = 0): string {
  if (level > MOST_LEVELS) throw new JinjaError('A value is nested too deeply for JSON.')
  spend(WRITING_WORK)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return jsonString(value, style.ensureAscii)
  if (isInt(value)) return intText(value)
  if (value instanceof PyFloat) return floatJson(value.value)
  const wrap = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close
    if (style.indent === null) return open + parts.join(style.itemSeparator) + close
    const line = `\n${style.indent.repeat(level + 1)}`
    return open + line + parts.join(style.itemSeparator.trimEnd() + line) + `\n${style.indent.repeat(level)}` + close
  }
  if (Array.isArray(value) || value instanceof PyTuple) {
    const items: readonly unknown[] = value instanceof PyTuple ? value.items : value
    return wrap(
      '[',
      items.map((item) => pythonJsonText(item, style, level + 1)),
      ']',
    )
  }
  if (value instanceof Map) {
    const entries = pairsOf(value).map(([key, item]) => [keyText(key), item] as const)
    if (style.sortKeys) entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    return wrap(
      '{',
      entries.map(([key, item]) => jsonString(key, style.ensureAscii) + style.keySeparator + pythonJsonText(item, style, level + 1)),
      '}',
    )
  }
  throw new JinjaError(`Object of type ${value instanceof PyUndefined ? 'Undefined' : typeName(value)} is not JSON serializable`)
}
