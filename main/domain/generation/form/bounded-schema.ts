import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'

const MOST_CHARACTERS = 200
const MOST_ITEMS = 16
const MOST_PROPERTIES = 12
const MOST_DIGITS = 1e12
/** Levels of values of which the schema says nothing. */
const MOST_NESTED = 3

const text: JsonObject = { type: 'string', maxLength: MOST_CHARACTERS }
const whole: JsonObject = { type: 'integer', minimum: -MOST_DIGITS, maximum: MOST_DIGITS }

function anyValue(depth: number): JsonObject {
  const plain = [text, whole, { type: 'boolean' }, { type: 'null' }]
  return { anyOf: depth === 0 ? plain : [...plain, anyList(depth - 1), anyObject(depth - 1)] }
}
const anyList = (depth: number): JsonObject => ({ type: 'array', items: anyValue(depth), maxItems: MOST_ITEMS })
const anyObject = (depth: number): JsonObject => ({
  type: 'object',
  additionalProperties: anyValue(depth),
  maxProperties: MOST_PROPERTIES,
})

const says = (schema: JsonObject, ...keywords: readonly string[]): boolean => keywords.some((keyword) => keyword in schema)

const bounded = (value: unknown): unknown => (isJsonObject(value) ? boundedSchema(value) : value)
const each = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(bounded)
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, bounded(schema)])) : value
}

/** At least as much as the schema requires. */
const atLeast = (least: unknown, most: number): number => (typeof least === 'number' ? Math.max(least, most) : most)

/**
 * The schema with limits where it has none, so that every answer comes to an end: for a model that repeated itself. What
 * fits it also fits the schema.
 */
export function boundedSchema(schema: JsonObject): JsonObject {
  const { type } = schema
  if (says(schema, 'enum', 'const', '$ref')) return schema
  const isOnlyObject = type === 'object' && !says(schema, 'properties', 'additionalProperties', 'patternProperties')
  if (isOnlyObject && !says(schema, 'anyOf', 'oneOf', 'allOf')) {
    const { required, minProperties } = schema
    const least = Math.max(atLeast(minProperties, 0), Array.isArray(required) ? required.length : 0)
    return { ...anyObject(MOST_NESTED), maxProperties: atLeast(least, MOST_PROPERTIES), ...schema }
  }
  if (Object.keys(schema).length === 0) return anyValue(MOST_NESTED)
  const nested = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (['properties', '$defs', 'definitions', 'anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(key)) return [key, each(value)]
    if (key === 'items' || key === 'additionalProperties') return [key, value === true ? anyValue(MOST_NESTED) : bounded(value)]
    return [key, value]
  })
  const isText = type === 'string' && !says(schema, 'maxLength', 'pattern', 'format')
  const isWhole = type === 'integer' && !says(schema, 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')
  return {
    ...Object.fromEntries(nested),
    ...(isText ? { maxLength: atLeast(schema['minLength'], MOST_CHARACTERS) } : {}),
    ...(isWhole ? { minimum: -MOST_DIGITS, maximum: MOST_DIGITS } : {}),
    ...(type === 'array' && !says(schema, 'maxItems') ? { maxItems: atLeast(schema['minItems'], MOST_ITEMS) } : {}),
  }
}
