import { isJsonObject } from '../../../shared/formats/json-value.ts'
import { referredSchema } from './fit-schema.ts'
import { coerceArgument } from './parse-tool-calls.ts'

const MOST_LEVELS = 64

/**
 * Adapts a value to its schema without changing its meaning: converts text that represents a value of the required
 * type, and drops properties that the schema does not allow.
 */
export function adaptToSchema(value: unknown, schema: unknown, root: unknown = schema, level = 0): unknown {
  if (!isJsonObject(schema) || level > MOST_LEVELS) return value
  const { $ref: reference, properties, items, additionalProperties } = schema
  if (typeof reference === 'string') return adaptToSchema(value, referredSchema(root, reference), root, level + 1)
  const coerced = coerceArgument(value, schema, root)
  if (Array.isArray(coerced)) return coerced.map((entry) => adaptToSchema(entry, items, root, level + 1))
  if (!isJsonObject(coerced) || !isJsonObject(properties)) return coerced
  const known = Object.entries(coerced).filter(([name]) => additionalProperties !== false || Object.hasOwn(properties, name))
  return Object.fromEntries(
    known.map(([name, entry]) => [name, Object.hasOwn(properties, name) ? adaptToSchema(entry, properties[name], root, level + 1) : entry]),
  )
}
