import { isJsonObject } from '../../../shared/formats/json-value.ts'
import { referredSchema } from '../calls/fit-schema.ts'

/** Sets of values. Numbers are whole or not, so that every type is one or two of these kinds. */
const KINDS = ['string', 'boolean', 'null', 'object', 'array', 'whole', 'fraction'] as const
type Kind = (typeof KINDS)[number]

/** The values that a schema may allow, judged by types and constants. */
interface Allowed {
  readonly kinds: ReadonlySet<Kind>
  /** The JSON of each value with its kind; null: all values of the kinds. */
  readonly values: ReadonlyMap<string, Kind> | null
}

const MOST_LEVELS = 12
/** Visited schemas: references may multiply them. */
const MOST_VISITS = 500
const ALL: Allowed = { kinds: new Set(KINDS), values: null }
const NONE: Allowed = { kinds: new Set(), values: null }

const isEmpty = ({ kinds, values }: Allowed): boolean => kinds.size === 0 || values?.size === 0

function kindsOf(type: unknown): readonly Kind[] {
  if (type === 'number') return ['whole', 'fraction']
  if (type === 'integer') return ['whole']
  return KINDS.filter((kind) => kind === type)
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'whole' : 'fraction'
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'boolean' : 'object'
}

const ofTypes = (types: readonly unknown[]): Allowed => ({ kinds: new Set(types.flatMap(kindsOf)), values: null })
const ofValues = (values: readonly unknown[]): Allowed => {
  const entries = values.map((value) => [JSON.stringify(value), kindOf(value)] as const)
  return { kinds: new Set(entries.map(([, kind]) => kind)), values: new Map(entries) }
}

function both(one: Allowed, other: Allowed): Allowed {
  const kinds = new Set([...one.kinds].filter((kind) => other.kinds.has(kind)))
  const listed = one.values ?? other.values
  if (listed === null) return { kinds, values: null }
  // Objects and lists have several spellings, so that they are compared by their kind only.
  const isIn = (json: string, kind: Kind, { values }: Allowed): boolean =>
    values === null || values.has(json) || kind === 'object' || kind === 'array'
  const values = [...listed].filter(([json, kind]) => kinds.has(kind) && isIn(json, kind, one) && isIn(json, kind, other))
  return { kinds, values: new Map(values) }
}

function either(one: Allowed, other: Allowed): Allowed {
  if (isEmpty(one)) return other
  if (isEmpty(other)) return one
  const kinds = new Set([...one.kinds, ...other.kinds])
  return { kinds, values: one.values && other.values ? new Map([...one.values, ...other.values]) : null }
}

/**
 * The keyword of a schema because of which no value has all types and constants that its parts demand; null: a value may.
 *
 * @param root - the schema that references are resolved in
 */
export function keywordWithoutValue(schema: unknown, root: unknown): string | null {
  let visits = 0

  const allowed = (given: unknown, level: number): Allowed => {
    visits += 1
    if (given === false) return NONE
    if (!isJsonObject(given) || level > MOST_LEVELS || visits > MOST_VISITS) return ALL
    return parts(given, level).reduce((whole, [, part]) => both(whole, part), ALL)
  }

  const parts = (given: Readonly<Record<string, unknown>>, level: number): (readonly [keyword: string, Allowed])[] => {
    const { type, enum: choices, $ref: reference, allOf, anyOf, oneOf } = given
    const listed = (value: unknown): readonly Allowed[] | null =>
      Array.isArray(value) && value.length > 0 ? value.map((part) => allowed(part, level + 1)) : null
    const any = (value: unknown): Allowed => listed(value)?.reduce(either, NONE) ?? ALL
    return [
      ['type', type === undefined || type === null ? ALL : ofTypes([type].flat())],
      ['enum', Array.isArray(choices) ? ofValues(choices) : ALL],
      ['const', 'const' in given ? ofValues([given['const']]) : ALL],
      ['$ref', typeof reference === 'string' ? allowed(referredSchema(root, reference) ?? true, level + 1) : ALL],
      ['allOf', listed(allOf)?.reduce(both, ALL) ?? ALL],
      ['anyOf', any(anyOf)],
      ['oneOf', any(oneOf)],
    ]
  }

  if (!isJsonObject(schema)) return null
  let whole = ALL
  for (const [keyword, part] of parts(schema, 0)) {
    whole = both(whole, part)
    if (isEmpty(whole)) return keyword
  }
  return null
}
