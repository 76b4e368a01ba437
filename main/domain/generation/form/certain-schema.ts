import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import { countingOf } from './enforceable-schema.ts'
import { isHeldPattern } from './patterns/held-pattern.ts'

const MOST_LEVELS = 64

/** Keywords that restrict values and that grammars do not hold, or not always. */
const CHECKED_AFTERWARDS: readonly string[] = [
  ...['allOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas', 'dependencies', 'patternProperties', 'propertyNames'],
  ...['minProperties', 'maxProperties', 'contains', 'minContains', 'maxContains', 'uniqueItems', 'multipleOf'],
  ...['additionalItems', 'unevaluatedProperties', 'unevaluatedItems', '$dynamicRef'],
]
/** Keywords that grammars hold by themselves, but not beside branches or a reference. */
const ALONE: readonly string[] = [
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'prefixItems', 'minItems', 'maxItems'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength', 'pattern', 'format'],
]
const HELD_FORMATS: ReadonlySet<unknown> = new Set(['date', 'time', 'date-time', 'uuid', 'email', 'ipv4', 'hostname'])

const typeOf = (branch: unknown): unknown => (isJsonObject(branch) ? branch['type'] : undefined)

/** Whether no value fits two of the branches: each has a type of its own. */
function areDisjoint(branches: readonly unknown[]): boolean {
  const types = branches.map(typeOf)
  return types.every((type) => typeof type === 'string' && type !== 'integer') && new Set(types).size === types.length
}

function innerSchemas(schema: JsonObject): [path: string, schema: unknown][] {
  const parts = ['properties', '$defs', 'definitions', 'prefixItems', 'anyOf', 'oneOf'].flatMap((keyword) =>
    Object.entries((schema[keyword] as JsonObject | readonly unknown[] | undefined) ?? {}).map(([name, part]): [string, unknown] => [
      `/${keyword}/${name}`,
      part,
    ]),
  )
  return [...parts, ['/items', schema['items']], ['/additionalProperties', schema['additionalProperties']]]
}

function ownKeyword(schema: JsonObject): string | null {
  const { pattern, format, oneOf, minLength, maxLength } = schema
  const checked = CHECKED_AFTERWARDS.find((keyword) => schema[keyword] !== undefined && schema[keyword] !== false)
  if (checked !== undefined) return checked
  const { properties, additionalProperties } = schema
  if (additionalProperties !== false && Object.values(properties ?? {}).includes(false)) return 'properties'
  const isCounted = minLength !== undefined || maxLength !== undefined
  if (typeof pattern === 'string' && (!isHeldPattern(pattern) || isCounted)) return 'pattern'
  if (format !== undefined && (!HELD_FORMATS.has(format) || isCounted)) return 'format'
  if (isCounted && countingOf(schema) === null) return maxLength === undefined ? 'minLength' : 'maxLength'
  if (Array.isArray(oneOf) && !areDisjoint(oneOf)) return 'oneOf'
  const branches = ['anyOf', 'oneOf', '$ref'].find((keyword) => schema[keyword] !== undefined)
  return branches !== undefined && ALONE.some((keyword) => schema[keyword] !== undefined) ? branches : null
}

/** The first keyword that a grammar does not hold exactly, so that values must be checked for it; null: none. */
export function uncertainKeyword(schema: unknown, path = '#', level = 0): { readonly path: string; readonly keyword: string } | null {
  if (!isJsonObject(schema)) return null
  const keyword = level > MOST_LEVELS ? '' : ownKeyword(schema)
  if (keyword !== null) return { path, keyword }
  for (const [step, inner] of innerSchemas(schema)) {
    const found = uncertainKeyword(inner, path + step, level + 1)
    if (found !== null) return found
  }
  return null
}

/** Whether every text that the grammar of a schema allows is a value that fits it, so that nothing need be checked afterwards. */
export const isCertain = (schema: unknown): boolean => uncertainKeyword(schema) === null
