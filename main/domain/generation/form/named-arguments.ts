import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import { referredSchema } from '../calls/fit-schema.ts'
import { ARGUMENT_NOTATIONS, innerJson, type NamedStyle, textUntil } from './argument-notation.ts'
import { TEXT_PATTERN } from './enforceable-schema.ts'
import { isHeldPattern } from './patterns/held-pattern.ts'
import { enforceableLark } from './lark/enforceable-lark.ts'
import { larkOf } from './lark/input-grammar.ts'
import { constant, type Format, grammarFormat, optionally, or, regex, sequence, star } from './structural-tag.ts'

/** More optional arguments than these are left out: each may be the first, and their grammar would grow with the square. */
const MOST_OPTIONAL = 24
const MOST_LEVELS = 8
/** Longer texts are not bounded by the grammar. */
const MOST_COUNTED = 500
const NAME = regex('[A-Za-z_][A-Za-z0-9_]{0,40}')

/** A value of an argument. `isText`: it is bare text, and includes the end of it. */
interface Value {
  readonly format: Format
  readonly isText: boolean
}

/** A part of a schema on its own, with what its references lead to. */
const detached = (schema: unknown, { $defs, definitions }: JsonObject): string =>
  JSON.stringify(
    isJsonObject(schema)
      ? { ...schema, ...($defs === undefined ? {} : { $defs }), ...(definitions === undefined ? {} : { definitions }) }
      : schema,
  )

/** The pattern of a text; null: any text. White space at the ends is left to the notation. */
function textPattern({ pattern: json, [TEXT_PATTERN]: pattern = json, minLength = 0, maxLength }: JsonObject): string | null {
  if (typeof pattern === 'string') return isHeldPattern(pattern) ? pattern : null
  const [least, most] = [Number(minLength), maxLength === undefined ? null : Number(maxLength)]
  if ((least === 0 && most === null) || Math.max(least, most ?? 0) > MOST_COUNTED) return null
  const inner = '[^<\\x00-\\x1f]'
  return least === 0 ? `${inner}{0,${most}}` : `[^<\\x00-\\x20]${inner}{${least - 1},${most === null ? '' : most - 1}}`
}

/** Arguments written by name, such as `a=1, b="x"` or `<parameter=a>1</parameter>`. Required ones come first. */
export function namedArguments(root: JsonObject, style: NamedStyle): Format {
  const notation = ARGUMENT_NOTATIONS[style]
  const { pair, comma, textEnd, booleans } = notation
  const [before, after] = notation.lines ?? ['', '']
  // Where `pair` has the line feed before a value, the family writes one after each value, too.
  const closed = (format: Format): Format => (before === '' && after !== '' ? sequence([format, optionally(constant(after))]) : format)
  const ended = (format: Format): Value => ({ format: sequence([format, constant(textEnd ?? '')]), isText: true })
  const text = (format: Format): Value => ended(closed(format))

  const values = (schema: unknown, level: number): Value[] => {
    const json: Value = { format: closed(innerJson(detached(schema, root), notation)), isText: false }
    const grammar = larkOf(schema)
    if (grammar !== null) {
      if (textEnd !== null)
        return [ended(sequence([constant(before), grammarFormat(enforceableLark(grammar, false), 'lark'), constant(after)]))]
      const quoted = grammarFormat(enforceableLark(grammar, true), 'lark')
      return [{ format: sequence([constant('"'), quoted, constant('"')]), isText: false }]
    }
    if (!isJsonObject(schema) || level > MOST_LEVELS) return textEnd === null ? [json] : [{ format: textUntil(notation), isText: true }]
    const { $ref, type, anyOf, enum: choices } = schema
    if (booleans !== undefined && type === 'boolean' && choices === undefined && !('const' in schema))
      return [{ format: booleans, isText: false }]
    if (textEnd === null) return [json]
    if (typeof $ref === 'string') return values(referredSchema(root, $ref), level + 1)
    const fixed = 'const' in schema ? [schema['const']] : choices
    if (Array.isArray(fixed))
      return fixed.map((value: unknown) =>
        typeof value === 'string' ? text(constant(value)) : { format: closed(constant(JSON.stringify(value))), isText: false },
      )
    if (Array.isArray(anyOf)) return anyOf.flatMap((branch: unknown) => values(branch, level + 1))
    if (type !== undefined && ![type].flat().includes('string'))
      return style === 'gemma' && (type === 'array' || type === 'object') ? [text(json.format)] : [json]
    const pattern = textPattern(schema)
    return pattern === null ? [{ format: textUntil(notation), isText: true }] : [text(regex(pattern))]
  }

  const argument = (name: Format, schema: unknown): Format =>
    or(
      [true, false].flatMap((isText) => {
        const fitting = values(schema, 0).filter((value) => value.isText === isText)
        return fitting.length === 0 ? [] : [pair(name, or(fitting.map(({ format }) => format)), isText)]
      }),
    )

  const write = (schema: unknown, level: number): Format => {
    if (!isJsonObject(schema) || level > MOST_LEVELS) return constant('')
    const { $ref, anyOf, properties, required, additionalProperties } = schema
    if (typeof $ref === 'string') return write(referredSchema(root, $ref), level + 1)
    if (Array.isArray(anyOf) && anyOf.length > 0) return or(anyOf.map((branch: unknown) => write(branch, level + 1)))
    const known = isJsonObject(properties) ? properties : {}
    if (Object.keys(known).length === 0) {
      if (additionalProperties === false) return constant('')
      const any = argument(NAME, additionalProperties === undefined || additionalProperties === true ? {} : additionalProperties)
      return optionally(sequence([any, star(sequence(comma === '' ? [any] : [constant(comma), any]))]))
    }
    const one = (name: string): Format => argument(constant(name), known[name])
    const later = (name: string): Format => (comma === '' ? one(name) : sequence([constant(comma), one(name)]))
    const needed = Object.keys(known).filter((name) => Array.isArray(required) && required.includes(name))
    const rest = Object.keys(known)
      .filter((name) => !needed.includes(name))
      .slice(0, MOST_OPTIONAL)
    const more = (from: number): Format[] => rest.slice(from).map((name) => optionally(later(name)))
    if (comma === '') return sequence([...needed.map(one), ...more(0)])
    if (needed[0] !== undefined) return sequence([one(needed[0]), ...needed.slice(1).map(later), ...more(0)])
    return optionally(or(rest.map((name, index) => sequence([one(name), ...more(index + 1)]))))
  }
  return write(root, 0)
}
