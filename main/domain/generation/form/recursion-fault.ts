import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import { referredSchema } from '../calls/fit-schema.ts'
import type { SchemaFault } from './schema-fault.ts'

const MOST_VISITS = 20_000
/** References within references. Each takes some frames of the stack, here and where the schema is used. */
const MOST_CHAIN = 256

/** Facts about the schemas below one root. */
interface Search {
  readonly root: unknown
  /** Schemas that have a finite value. */
  readonly ending: Set<unknown>
  readonly visiting: Set<unknown>
  visitsLeft: number
  fault: SchemaFault | null
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

function referenceEnds(schema: JsonObject, search: Search): boolean {
  const { $ref: reference } = schema
  if (typeof reference !== 'string') return true
  const referred = referredSchema(search.root, reference)
  if (referred === undefined) {
    search.fault ??= { path: reference, keyword: '$ref', reason: 'the schema has no such part; only references within it are followed' }
    return true
  }
  return ends(referred, search)
}

/** Whether an object or a list of the schema can be finite. */
function structureEnds(schema: JsonObject, search: Search): boolean {
  const types = [schema['type']].flat()
  if (types.some((type) => type !== 'object' && type !== 'array')) return true
  const { required, properties, items, prefixItems, minItems } = schema
  const isObjectEnding = listOf(required).every(
    (name) => typeof name !== 'string' || !isJsonObject(properties) || !Object.hasOwn(properties, name) || ends(properties[name], search),
  )
  const first = listOf(prefixItems)
  const least = typeof minItems === 'number' ? minItems : 0
  const isListEnding =
    first.slice(0, least).every((item) => ends(item, search)) &&
    (least <= first.length || Array.isArray(items) || ends(items ?? true, search))
  return types.some((type) => (type === 'object' ? isObjectEnding : isListEnding))
}

/** Whether the schema has a finite value. */
function ends(schema: unknown, search: Search): boolean {
  if (!isJsonObject(schema)) return schema !== false
  if (search.ending.has(schema)) return true
  search.visitsLeft = search.visiting.size > MOST_CHAIN ? -1 : search.visitsLeft - 1
  if (search.visiting.has(schema) || search.visitsLeft < 0) return false
  search.visiting.add(schema)
  const isOneEnding = (options: readonly unknown[]): boolean => options.length === 0 || options.some((option) => ends(option, search))
  const { enum: choices, allOf, anyOf, oneOf } = schema
  const isEnding =
    referenceEnds(schema, search) &&
    (Array.isArray(choices) || 'const' in schema || structureEnds(schema, search)) &&
    listOf(allOf).every((part) => ends(part, search)) &&
    isOneEnding(listOf(anyOf)) &&
    isOneEnding(listOf(oneOf))
  search.visiting.delete(schema)
  if (isEnding) search.ending.add(schema)
  return isEnding
}

/** All objects within a value, at any depth, that may contain a reference. */
function* references(value: unknown): Generator<JsonObject> {
  const left: unknown[] = [value]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (isJsonObject(next)) {
      if (typeof next['$ref'] === 'string') yield next
      left.push(...Object.values(next))
    } else if (Array.isArray(next)) left.push(...(next as unknown[]))
  }
}

/** Why a schema's references are invalid, or form a circle without a finite value; null: neither. */
export function recursionFault(root: unknown): SchemaFault | null {
  const search: Search = { root, ending: new Set(), visiting: new Set(), visitsLeft: MOST_VISITS, fault: null }
  const isEnding = ends(root, search)
  for (const schema of references(root)) if (search.fault === null) referenceEnds(schema, search)
  if (search.fault !== null) return search.fault
  if (search.visitsLeft < 0) return { path: '#', keyword: '$ref', reason: 'it has more references than can be followed' }
  return isEnding ? null : { path: '#', keyword: '$ref', reason: 'it requires itself, so that no answer could end' }
}
