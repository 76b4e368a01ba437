import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'

type Keywords = Readonly<Record<string, unknown>>

const OF_NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
const OF_TEXTS = ['pattern', 'minLength', 'maxLength']
/** Keywords that say by themselves which values are meant. */
const WITH_VALUES = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf']

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** Whether a value is of a schema's type. */
function isOfType(value: unknown, type: unknown): boolean {
  if (type === undefined) return true
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  return types.includes(typeOf(value)) || (types.includes('integer') && Number.isInteger(value))
}

/** The lists of earlier drafts. */
function withPrefixItems({ items, additionalItems, ...rest }: Keywords): Keywords {
  if (Array.isArray(items)) return { ...rest, prefixItems: items, ...(additionalItems === undefined ? {} : { items: additionalItems }) }
  return { ...rest, ...(items === undefined ? {} : { items }) }
}

/** Objects whose required properties are described, and no others that may not be there. */
function withProperties(schema: Keywords): Keywords {
  const { properties, required, additionalProperties = true, patternProperties } = schema
  const known = isJsonObject(properties) ? properties : {}
  const needed: readonly unknown[] = Array.isArray(required) ? required : []
  const names = needed.filter((name): name is string => typeof name === 'string')
  const missing =
    patternProperties === undefined && additionalProperties !== false ? names.filter((name) => !Object.hasOwn(known, name)) : []
  const excluded = Object.keys(known).filter((name) => known[name] === false && !names.includes(name))
  if (missing.length === 0 && excluded.length === 0) return schema
  const kept = Object.entries(known).filter(([name]) => !excluded.includes(name))
  const other = additionalProperties === true ? {} : additionalProperties
  return { ...schema, properties: Object.fromEntries([...kept, ...missing.map((name) => [name, other] as const)]) }
}

/** Whole numbers with whole bounds. */
function withWholeBounds(schema: Keywords): Keywords {
  if (schema['type'] !== 'integer') return schema
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, ...rest } = schema
  const isFraction = (bound: unknown): bound is number => typeof bound === 'number' && !Number.isInteger(bound)
  if (![minimum, maximum, exclusiveMinimum, exclusiveMaximum].some(isFraction)) return schema
  const all = (bounds: readonly unknown[]): number[] => bounds.filter((bound) => typeof bound === 'number')
  const above = (bound: unknown): unknown => (isFraction(bound) ? Math.ceil(bound) : typeof bound === 'number' ? bound + 1 : undefined)
  const below = (bound: unknown): unknown => (isFraction(bound) ? Math.floor(bound) : typeof bound === 'number' ? bound - 1 : undefined)
  const least = all([isFraction(minimum) ? Math.ceil(minimum) : minimum, above(exclusiveMinimum)])
  const most = all([isFraction(maximum) ? Math.floor(maximum) : maximum, below(exclusiveMaximum)])
  return {
    ...rest,
    ...(least.length === 0 ? {} : { minimum: Math.max(...least) }),
    ...(most.length === 0 ? {} : { maximum: Math.min(...most) }),
  }
}

/** Bounds of numbers and patterns of texts mean numbers and texts, whoever leaves out the type. */
function withType(schema: Keywords): Keywords {
  if (WITH_VALUES.some((keyword) => schema[keyword] !== undefined)) return schema
  const says = (keywords: readonly string[]): boolean => keywords.some((keyword) => schema[keyword] !== undefined)
  if (says(OF_NUMBERS) === says(OF_TEXTS)) return schema
  return { ...schema, type: says(OF_NUMBERS) ? 'number' : 'string' }
}

/**
 * A schema in the keywords that xgrammar reads as JSON Schema means them. False: no value fits.
 *
 * @param schema - without branches and references
 */
export function plainKeywords(schema: JsonObject): JsonObject | false {
  const { type, enum: choices } = schema
  if ('const' in schema && !isOfType(schema['const'], type)) return false
  const fitting = Array.isArray(choices) ? choices.filter((choice) => isOfType(choice, type)) : null
  if (fitting?.length === 0) return false
  return withType(withWholeBounds(withProperties(withPrefixItems(fitting === null ? schema : { ...schema, enum: fitting }))))
}
