import { isJsonObject, type JsonObject } from '../../../../shared/formats/json-value.ts'
import { referredSchema } from '../../calls/fit-schema.ts'

/** Numbers in [0, 1), the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const TEXTS = [
  '',
  'a',
  'ab c',
  'é🙂',
  'INV-1234',
  '2024-02-29',
  '2023-02-29',
  '12:30:00Z',
  '12:30',
  '2024-02-29T12:30:00Z',
  'P1DT2H',
  'a@b.example',
  'https://a.example/b',
  '1.2.3.4',
  '::1',
  'a-b.example',
  '123e4567-e89b-12d3-a456-426614174000',
  'v1',
  'de',
  'de-DE',
  'eur',
  'is_on',
  'wait_ms',
  'SELECT 1',
  '10.00',
  '12345',
  'K1A 0B1',
  'CABCDEFGH1',
]
const NUMBERS = [0, 1, 2, 3, 5, -1, 7, 19, 50, 99, 100, 443, 30_000, 70_000, 0.5, 0.3, 2.25, 1e21]

/** Values close to those that a schema requires: about half of them match. */
export function randomValue(schema: unknown, root: unknown, random: () => number, level = 0): unknown {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const chance = (share: number): boolean => random() < share
  if (level > 9) return pick<unknown>([null, 1, 'a', [], {}])
  const inner = (part: unknown): unknown => randomValue(part, root, random, level + 1)
  if (!isJsonObject(schema) || chance(0.03)) return pick<unknown>([null, true, pick(NUMBERS), pick(TEXTS), [], {}, [1], { a: 1 }])
  const { $ref: reference, enum: choices, anyOf, oneOf, allOf, type, properties, items, prefixItems } = schema
  if (typeof reference === 'string') return inner(referredSchema(root, reference))
  if (Array.isArray(choices) && chance(0.95)) return pick(choices as unknown[])
  if ('const' in schema && chance(0.95)) return schema['const']
  if (Array.isArray(allOf)) {
    const parts = [schema, ...(allOf as unknown[])].map((part) => inner({ ...(part as JsonObject), allOf: undefined, type: 'object' }))
    return Object.assign({}, ...parts.filter(isJsonObject)) as unknown
  }
  const options = [anyOf, oneOf].find(Array.isArray) as unknown[] | undefined
  if (options !== undefined) {
    const chosen = inner(pick(options))
    const own = isJsonObject(properties) ? inner({ ...schema, anyOf: undefined, oneOf: undefined }) : {}
    return isJsonObject(chosen) && isJsonObject(own) ? { ...own, ...chosen } : isJsonObject(properties) ? own : chosen
  }
  const kind = Array.isArray(type)
    ? pick(type as unknown[])
    : (type ?? (isJsonObject(properties) ? 'object' : items === undefined ? 'string' : 'array'))
  if (kind === 'boolean') return chance(0.5)
  if (kind === 'null') return null
  if (kind === 'integer') return Math.floor(pick(NUMBERS))
  if (kind === 'number') return pick(NUMBERS)
  if (kind === 'string') return pick(TEXTS)
  if (kind === 'array') {
    const first = Array.isArray(prefixItems) ? (prefixItems as unknown[]).map(inner) : []
    const least = Number(schema['minItems'] ?? 0)
    const length = chance(0.8) ? Math.max(least, Math.floor(random() * 3)) : Math.floor(random() * 5)
    return [...first, ...Array.from({ length: Math.max(0, length - first.length) }, () => inner(items === false ? {} : items))]
  }
  const required = Array.isArray(schema['required']) ? (schema['required'] as string[]) : []
  const known = Object.entries(isJsonObject(properties) ? properties : {})
  const entries = known
    .filter(([name]) => (required.includes(name) ? chance(0.97) : chance(0.5)))
    .map(([name, part]) => [name, inner(part)])
  const others = chance(known.length === 0 ? 0.8 : 0.08) ? [[pick(TEXTS), inner(schema['additionalProperties'] ?? {})]] : []
  return Object.fromEntries([...entries, ...others]) as unknown
}
