import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import { isHeldPattern } from './held-pattern.ts'

const MOST_LEVELS = 64

/** Keywords that grammars hold exactly. */
const HELD: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', '$ref', '$defs', 'definitions', 'anyOf', 'oneOf', 'properties', 'required', 'additionalProperties'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
])
/** Keywords that restrict values and that grammars do not hold, or not always. */
const CHECKED_AFTERWARDS: ReadonlySet<string> = new Set([
  ...['allOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas', 'patternProperties', 'propertyNames'],
  ...['minProperties', 'maxProperties', 'contains', 'minContains', 'maxContains', 'uniqueItems', 'multipleOf'],
  ...['additionalItems', 'unevaluatedProperties', 'unevaluatedItems', '$dynamicRef'],
])
const HELD_FORMATS: ReadonlySet<unknown> = new Set(['date', 'time', 'date-time', 'uuid', 'email', 'ipv4', 'hostname'])

const typeOf = (branch: unknown): unknown => (isJsonObject(branch) ? branch['type'] : undefined)

/** Whether no value fits two of the branches: each has a type of its own. */
function areDisjoint(branches: readonly unknown[]): boolean {
  const types = branches.map(typeOf)
  return types.every((type) => typeof type === 'string' && type !== 'integer') && new Set(types).size === types.length
}

function innerSchemas(schema: JsonObject): unknown[] {
  const { properties, $defs, definitions, items, additionalProperties, prefixItems, anyOf, oneOf } = schema
  const maps = [properties, $defs, definitions].flatMap((map) => (isJsonObject(map) ? Object.values(map) : []))
  return [...maps, items, additionalProperties, ...[prefixItems, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []))]
}

/** Whether every text that the grammar of a schema allows is a value that fits it, so that nothing need be checked afterwards. */
export function isCertain(schema: unknown, level = 0): boolean {
  if (!isJsonObject(schema)) return true
  if (level > MOST_LEVELS || Object.keys(schema).some((keyword) => CHECKED_AFTERWARDS.has(keyword))) return false
  const { pattern, format, oneOf, anyOf, $ref, minLength, maxLength } = schema
  if (typeof pattern === 'string' && (!isHeldPattern(pattern) || minLength !== undefined || maxLength !== undefined)) return false
  if (format !== undefined && (!HELD_FORMATS.has(format) || minLength !== undefined || maxLength !== undefined)) return false
  if (Array.isArray(oneOf) && !areDisjoint(oneOf)) return false
  const isBeside = Object.keys(schema).some((keyword) => HELD.has(keyword) && !['anyOf', 'oneOf', '$ref', '$defs', 'definitions'].includes(keyword))
  if (isBeside && (anyOf !== undefined || oneOf !== undefined || $ref !== undefined)) return false
  return innerSchemas(schema).every((inner) => isCertain(inner, level + 1))
}
