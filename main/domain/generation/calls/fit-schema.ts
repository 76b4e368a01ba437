import { unescapeKey } from '../../../shared/formats/json-patch.ts'
import { isJsonObject, isSameJson, type JsonObject } from '../../../shared/formats/json-value.ts'
import { hasFormat } from '../json/text-formats.ts'
import { ownValue } from '../../../shared/own-value.ts'

export interface FitOptions {
  /** Whether a text matches a regular expression of the schema; must return within limited time. */
  readonly matches: (pattern: string, text: string) => boolean
  /** Whether values must match `format`; by the standard's default they need not. */
  readonly checksFormats?: boolean
}

/** The checks of one value, which are limited in number: schemas that refer to themselves can require any number. */
interface Check extends FitOptions {
  readonly root: unknown
  left: number
}

const MOST_CHECKS = 100_000
const MOST_LEVELS = 200

const IS_TYPE: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isJsonObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

/** A step of a reference. One that is no percent-encoding stands for itself. */
function referenceStep(step: string): string {
  try {
    return unescapeKey(decodeURIComponent(step))
  } catch {
    return unescapeKey(step)
  }
}

/** The schema of a local reference; undefined if it does not exist. */
export function referredSchema(root: unknown, reference: string): unknown {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return undefined
  return reference
    .slice(2)
    .split('/')
    .map(referenceStep)
    .reduce<unknown>((found, step) => (typeof found === 'object' && found !== null ? ownValue(found as JsonObject, step) : undefined), root)
}

function misfitOf(value: unknown, schema: unknown, path: string, level: number, check: Check): string | null {
  check.left -= 1
  if (check.left < 0 || level > MOST_LEVELS) return `${path}: the schema is too complex to be checked`
  if (schema === false) return `${path} is not allowed`
  if (!isJsonObject(schema)) return null
  const at = (inner: unknown, innerSchema: unknown, step = ''): string | null => misfitOf(inner, innerSchema, path + step, level + 1, check)
  const { $ref: reference, type, enum: choices } = schema
  if (typeof reference === 'string') {
    const referred = referredSchema(check.root, reference)
    if (referred === undefined) return `${path}: the schema has no ${reference}`
    const misfit = at(value, referred)
    if (misfit !== null) return misfit
  }
  const types = [type].flat().filter((name) => typeof name === 'string')
  if (types.length > 0 && !types.some((name) => IS_TYPE[name]?.(value) ?? true)) return `${path} is not of type ${types.join(' or ')}`
  if (Array.isArray(choices) && !choices.some((choice) => isSameJson(choice, value)))
    return `${path} must be one of ${JSON.stringify(choices)}`
  if ('const' in schema && !isSameJson(schema['const'], value)) return `${path} is not ${JSON.stringify(schema['const'])}`
  return (
    misfitOfCombined(value, schema, path, at) ??
    misfitOfScalar(value, schema, path, check) ??
    misfitOfList(value, schema, path, at) ??
    misfitOfObject(value, schema, path, check, at)
  )
}

type CheckInner = (inner: unknown, schema: unknown, step?: string) => string | null

function misfitOfCombined(value: unknown, schema: JsonObject, path: string, at: CheckInner): string | null {
  const { allOf, anyOf, oneOf } = schema
  const all = Array.isArray(allOf) ? allOf.map((part) => at(value, part)).find((misfit) => misfit !== null) : null
  if (all) return all
  if (Array.isArray(anyOf) && anyOf.length > 0) {
    const misfits = anyOf.map((part) => at(value, part))
    if (misfits.every((misfit) => misfit !== null)) return misfits[0] ?? `${path} does not match any schema of anyOf`
  }
  if (Array.isArray(oneOf) && oneOf.length > 0) {
    const fitting = oneOf.filter((part) => at(value, part) === null).length
    if (fitting !== 1) return `${path} matches ${fitting} schemas of oneOf`
  }
  if ('not' in schema && at(value, schema['not']) === null) return `${path} matches the schema of not`
  if (!('if' in schema)) return null
  const branch = at(value, schema['if']) === null ? schema['then'] : schema['else']
  return branch === undefined ? null : at(value, branch)
}

/** The first limit that the number exceeds. */
function beyond(
  figure: number,
  path: string,
  what: string,
  limits: readonly (readonly [limit: unknown, isBeyond: (limit: number) => boolean, words: string])[],
): string | null {
  const broken = limits.find(([limit, isBeyond]) => typeof limit === 'number' && isBeyond(limit))
  return broken ? `${path} has ${what} ${figure}, which must be ${broken[2]} ${String(broken[0])}` : null
}

function misfitOfScalar(value: unknown, schema: JsonObject, path: string, { matches, checksFormats = false }: Check): string | null {
  if (typeof value === 'number') {
    const { multipleOf } = schema
    if (typeof multipleOf === 'number' && multipleOf > 0 && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9)
      return `${path} is not a multiple of ${multipleOf}`
    return beyond(value, path, 'the value', [
      [schema['minimum'], (limit) => value < limit, 'at least'],
      [schema['maximum'], (limit) => value > limit, 'at most'],
      [schema['exclusiveMinimum'], (limit) => value <= limit, 'above'],
      [schema['exclusiveMaximum'], (limit) => value >= limit, 'below'],
    ])
  }
  if (typeof value !== 'string') return null
  const { pattern, format } = schema
  if (checksFormats && typeof format === 'string' && !hasFormat(value, format)) return `${path} is not of the format ${format}`
  if (typeof pattern === 'string' && !matches(pattern, value)) return `${path} does not match ${pattern}`
  const length = [...value].length
  return beyond(length, path, 'the length', [
    [schema['minLength'], (limit) => length < limit, 'at least'],
    [schema['maxLength'], (limit) => length > limit, 'at most'],
  ])
}

function misfitOfList(value: unknown, schema: JsonObject, path: string, at: CheckInner): string | null {
  if (!Array.isArray(value)) return null
  const { items, prefixItems, uniqueItems } = schema
  const first: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []
  const rest: unknown = Array.isArray(items) ? schema['additionalItems'] : items
  for (const [index, entry] of (value as unknown[]).entries()) {
    const misfit = at(entry, index < first.length ? first[index] : rest, `[${index}]`)
    if (misfit !== null) return misfit
  }
  const contained = misfitOfContained(value, schema, path, at)
  if (contained !== null) return contained
  if (uniqueItems === true && value.some((entry, index) => value.slice(0, index).some((other) => isSameJson(entry, other))))
    return `${path} has duplicate elements`
  return beyond(value.length, path, 'the length', [
    [schema['minItems'], (limit) => value.length < limit, 'at least'],
    [schema['maxItems'], (limit) => value.length > limit, 'at most'],
  ])
}

function misfitOfContained(value: readonly unknown[], schema: JsonObject, path: string, at: CheckInner): string | null {
  if (!('contains' in schema)) return null
  const { minContains = 1 } = schema
  const found = value.filter((entry) => at(entry, schema['contains']) === null).length
  return beyond(found, path, 'a count of elements that match contains of', [
    [minContains, (limit) => found < limit, 'at least'],
    [schema['maxContains'], (limit) => found > limit, 'at most'],
  ])
}

/** Checks what some properties require of others, and the names of all properties. */
function misfitOfNames(value: JsonObject, schema: JsonObject, path: string, at: CheckInner): string | null {
  const { dependentRequired, dependentSchemas, dependencies, propertyNames } = schema
  // Earlier drafts have both kinds in one keyword.
  const earlier = isJsonObject(dependencies) ? Object.entries(dependencies) : []
  const dependent = [...(isJsonObject(dependentRequired) ? Object.entries(dependentRequired) : []), ...earlier]
  for (const [name, others] of dependent) {
    const needed = Object.hasOwn(value, name) && Array.isArray(others) ? others.filter((other) => typeof other === 'string') : []
    const missing = needed.find((other) => !Object.hasOwn(value, other))
    if (missing !== undefined) return `${path} has "${name}" and no "${missing}"`
  }
  const parts = [
    ...(isJsonObject(dependentSchemas) ? Object.entries(dependentSchemas) : []),
    ...earlier.filter(([, part]) => !Array.isArray(part)),
  ]
  const misfits = parts.map(([name, part]) => (Object.hasOwn(value, name) ? at(value, part) : null))
  const names = propertyNames === undefined ? [] : Object.keys(value).map((name) => at(name, propertyNames, `.${name}`))
  return [...misfits, ...names].find((found) => found !== null) ?? null
}

function misfitOfObject(value: unknown, schema: JsonObject, path: string, { matches }: Check, at: CheckInner): string | null {
  if (!isJsonObject(value)) return null
  const { required, properties, patternProperties, additionalProperties } = schema
  const missing: unknown = Array.isArray(required)
    ? required.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    : undefined
  if (typeof missing === 'string') return `${path} has no "${missing}"`
  for (const [name, entry] of Object.entries(value)) {
    const known = isJsonObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : []
    const matching = isJsonObject(patternProperties)
      ? Object.entries(patternProperties).flatMap(([pattern, inner]) => (matches(pattern, name) ? [inner] : []))
      : []
    const inner = [...known, ...matching]
    const misfit = (inner.length > 0 ? inner : [additionalProperties ?? true])
      .map((part) => at(entry, part, `.${name}`))
      .find((found) => found !== null)
    if (misfit) return misfit
  }
  const named = misfitOfNames(value, schema, path, at)
  if (named !== null) return named
  const count = Object.keys(value).length
  return beyond(count, path, 'a count of properties of', [
    [schema['minProperties'], (limit) => count < limit, 'at least'],
    [schema['maxProperties'], (limit) => count > limit, 'at most'],
  ])
}

/**
 * Why a value does not match a JSON schema; null: it matches. `format` is checked only where `options` say so.
 *
 * @param root - the schema in which local references are resolved
 */
export function misfit(value: unknown, schema: unknown, options: FitOptions, root: unknown = schema): string | null {
  return misfitOf(value, schema, '$', 0, { ...options, root, left: MOST_CHECKS })
}
