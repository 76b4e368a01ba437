import { jsonPattern } from './patterns/json-pattern.ts'
import { optionalGroups } from './patterns/optional-groups.ts'
import { isHeldPattern } from './patterns/held-pattern.ts'
import { plainKeywords } from './plain-keywords.ts'
import { referredSchema } from '../calls/fit-schema.ts'
import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'

/** Beyond this many subschemas, a schema stays as it is: its branches would multiply. */
const MOST_SUBSCHEMAS = 5_000
const MOST_NESTED = 64

const DAYS = [
  '[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))',
  '[0-9]{2}(?:0[48]|[2468][048]|[13579][26])-02-29',
].join('|')
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6}){0,1}(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])'

/** Formats that xgrammar reads more widely than validators do, as patterns of what both accept. */
const NARROWED: Readonly<Record<string, string>> = {
  date: `^(?:${DAYS})$`,
  time: `^${TIME}$`,
  'date-time': `^(?:${DAYS})T${TIME}$`,
  email:
    '^[A-Za-z0-9][A-Za-z0-9_+-]{0,30}(\\.[A-Za-z0-9_+-]{1,30}){0,3}@' +
    '([A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9]){0,1}\\.){1,4}[A-Za-z]{2,10}$',
  ipv4: '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$',
  hostname: '^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9]){0,1}(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9]){0,1}){0,4}$',
}

/** The pattern of a text that is not written as JSON. */
export const TEXT_PATTERN = 'x-text-pattern'

/** Longer texts are bounded by xgrammar's own rule, which lets line feeds and tabs through: those are quoted afterwards. */
const MOST_COUNTED = 100
const MOST_COUNTED_QUOTES = 16
const QUOTED_CHARACTER = '(?:[^\\x00-\\x1f"\\\\]|\\\\["\\\\nrt/])'

/** How a pattern counts the characters of a text; null: none does. Counting texts with quotes takes long to compile. */
export function countingOf({ minLength = 0, maxLength }: JsonObject): 'at least' | 'up to' | null {
  if (typeof minLength !== 'number') return null
  if (maxLength === undefined) return minLength > 0 && minLength <= MOST_COUNTED_QUOTES ? 'at least' : null
  return typeof maxLength === 'number' && minLength <= maxLength && maxLength <= MOST_COUNTED ? 'up to' : null
}

/** Keywords that say nothing about values. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$defs', 'definitions'],
])
/** Keywords that a grammar cannot hold; answers are checked for them. */
const NOT_HELD: ReadonlySet<string> = new Set(['if', 'then', 'else', 'not', 'dependentRequired', 'dependentSchemas', 'dependencies'])

type Schema = JsonObject | boolean

/** The keywords of a text as xgrammar holds them; undefined: left to the check of the answer. */
function heldText({ pattern, format, minLength = 0, maxLength }: JsonObject): JsonObject {
  if (typeof pattern === 'string') {
    const json = optionalGroups(jsonPattern(pattern))
    if (json === pattern && isHeldPattern(pattern)) return {}
    return isHeldPattern(pattern) ? { pattern: json, [TEXT_PATTERN]: pattern } : { pattern: undefined }
  }
  const narrowed = typeof format === 'string' ? NARROWED[format] : undefined
  if (narrowed !== undefined) return { format: undefined, pattern: narrowed }
  const kind = format === undefined ? countingOf({ minLength, maxLength }) : null
  if (kind === null) return {}
  const count = `{${JSON.stringify(minLength)},${JSON.stringify(maxLength) ?? ''}}$`
  const character = kind === 'at least' ? QUOTED_CHARACTER : '[^\\x00-\\x1f"\\\\]'
  return { minLength: undefined, maxLength: undefined, pattern: `^${character}${count}`, [TEXT_PATTERN]: `^[^<\\x00-\\x1f]${count}` }
}

const isSchema = (value: unknown): value is Schema => typeof value === 'boolean' || isJsonObject(value)

const typesOf = ({ type }: JsonObject): readonly unknown[] | null => (type === undefined ? null : Array.isArray(type) ? type : [type])

const isOfType = (type: unknown, other: unknown): boolean => type === other || (type === 'integer' && other === 'number')

/** Of two lists of types, those that both allow. */
function commonTypes(one: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const narrowed = one.flatMap((type) => other.flatMap((wide) => (isOfType(type, wide) ? [type] : isOfType(wide, type) ? [wide] : [])))
  return [...new Set(narrowed)]
}

const BOUNDS: Readonly<Record<string, (one: number, other: number) => number>> = {
  ...Object.fromEntries(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'].map((key) => [key, Math.max])),
  ...Object.fromEntries(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'].map((key) => [key, Math.min])),
}

function mergedProperties(one: JsonObject, other: JsonObject): JsonObject {
  const both = Object.entries(other).map(([name, schema]) => {
    const known = one[name]
    return [name, isSchema(known) && isSchema(schema) ? merged(known, schema) : schema] as const
  })
  return { ...one, ...Object.fromEntries(both) }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

function mergedKeyword(key: string, one: unknown, other: unknown): unknown {
  const bound = BOUNDS[key]
  if (bound && typeof one === 'number' && typeof other === 'number') return bound(one, other)
  if (key === 'required' && isList(one) && isList(other)) return [...new Set([...one, ...other])]
  if (key === 'enum' && isList(one) && isList(other)) {
    const texts = new Set(other.map((value) => JSON.stringify(value)))
    return one.filter((value) => texts.has(JSON.stringify(value)))
  }
  if (key === 'properties' && isJsonObject(one) && isJsonObject(other)) return mergedProperties(one, other)
  if ((key === 'items' || key === 'additionalProperties') && isSchema(one) && isSchema(other)) return merged(one, other)
  return other
}

/** What fits both schemas, as far as their keywords can be joined; false: nothing does. */
function merged(one: Schema, other: Schema): Schema {
  if (one === false || other === false) return false
  if (one === true) return other
  if (other === true) return one
  const [types, otherTypes] = [typesOf(one), typesOf(other)]
  const common = types && otherTypes ? commonTypes(types, otherTypes) : null
  if (common?.length === 0) return false
  const result: Record<string, unknown> = { ...one }
  for (const [key, value] of Object.entries(other)) result[key] = key in one ? mergedKeyword(key, one[key], value) : value
  if (common) result['type'] = common.length === 1 ? common[0] : common
  return Array.isArray(result['enum']) && result['enum'].length === 0 ? false : result
}

/**
 * The schema in the keywords that xgrammar holds: it reads `anyOf`, `oneOf`, `allOf` and `$ref` without the keywords beside them, so
 * these are put into the branches. What no grammar holds is left out, for the answer is checked against the whole schema.
 */
export function enforceableSchema(root: JsonObject): JsonObject {
  let count = 0
  let isTooLarge = false

  const target = (ref: unknown): Schema | null => {
    if (typeof ref !== 'string' || !ref.startsWith('#/')) return null
    const found = referredSchema(root, ref)
    return isSchema(found) ? found : null
  }

  const lowerMap = (schemas: unknown, depth: number): unknown =>
    isJsonObject(schemas) ? Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, lower(schema, depth)])) : schemas

  const lowerWithin = (given: JsonObject, depth: number): JsonObject | false => {
    const schema = plainKeywords(given)
    if (schema === false) return false
    const result: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(schema)) {
      if (NOT_HELD.has(key)) continue
      if (key === 'properties' || key === 'patternProperties' || key === '$defs' || key === 'definitions')
        result[key] = lowerMap(value, depth)
      else if (key === 'items' || key === 'additionalProperties' || key === 'unevaluatedProperties') result[key] = lower(value, depth)
      else if (key === 'prefixItems' && Array.isArray(value)) result[key] = value.map((item) => lower(item, depth))
      else result[key] = value
    }
    return { ...result, ...heldText(result) }
  }

  /** A schema without branches beside keywords. */
  const lower = (schema: unknown, depth: number): unknown => {
    count += 1
    isTooLarge ||= count > MOST_SUBSCHEMAS || depth > MOST_NESTED
    if (isTooLarge || !isJsonObject(schema)) return schema
    const { anyOf, oneOf, allOf, $ref, ...beside } = schema
    const says = Object.keys(beside).some((key) => !ANNOTATIONS.has(key) && !NOT_HELD.has(key))
    if (Array.isArray(allOf) && allOf.every(isSchema)) {
      const parts = allOf.map((part) => (isJsonObject(part) && Object.keys(part).length === 1 ? (target(part['$ref']) ?? part) : part))
      const whole = parts.reduce<Schema>(merged, { ...beside, ...($ref === undefined ? {} : { $ref }) })
      const branches = { ...(anyOf === undefined ? {} : { anyOf }), ...(oneOf === undefined ? {} : { oneOf }) }
      return lower(isJsonObject(whole) ? { ...whole, ...branches } : whole, depth + 1)
    }
    if ($ref !== undefined && says) {
      const referred = target($ref)
      return referred === null ? { $ref } : lower(merged(referred, beside), depth + 1)
    }
    const branches = anyOf ?? oneOf
    if (!Array.isArray(branches) || !branches.every(isSchema)) {
      const within = lowerWithin(beside, depth + 1)
      return within === false || $ref === undefined ? within : { ...within, $ref }
    }
    const kept = Object.fromEntries(Object.entries(beside).filter(([key]) => ANNOTATIONS.has(key)))
    const { $defs: _, definitions: __, ...condition } = says ? beside : {}
    const open = branches.map((branch) =>
      isJsonObject(branch) && says && branch['$ref'] !== undefined ? (target(branch['$ref']) ?? branch) : branch,
    )
    const fitting = open.map((branch) => merged(condition, branch)).filter((branch) => branch !== false)
    const lowered = fitting.map((branch) => lower(branch, depth + 1)).filter((branch) => branch !== false)
    return lowered.length === 0 ? false : { ...lowerWithin(kept, depth + 1), anyOf: lowered }
  }

  const lowered = lower(root, 0)
  return isTooLarge || !isJsonObject(lowered) ? root : lowered
}
