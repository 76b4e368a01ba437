import { isJsonObject, isSameJson, type JsonObject } from '../../../shared/formats/json-value.ts'
import { readRelaxedJson } from '../json/read-relaxed-json.ts'
import { misfit, referredSchema } from './fit-schema.ts'

/** A call as a model wrote it. */
export interface ParsedToolCall {
  readonly name: string
  /** Set if the model's format has one. */
  readonly id?: string
  /** A JSON object. */
  readonly argumentsJson: string
}

/** A tool of the request. Its parameters give the type of arguments written as bare text. */
export interface KnownTool {
  readonly name: string
  readonly parameters?: unknown
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Some models write lists and objects as Python does. All else is plain text.
    const read = /^[[{]/.test(text) ? readRelaxedJson(text) : null
    return read?.isWhole === true && text.slice(read.end).trim() === '' ? read.value : undefined
  }
}

/**
 * GLM's format: `name<arg_key>key</arg_key><arg_value>value</arg_value>`; closing tags may be missing.
 *
 * @param prefix - before the names of the tags: LongCat has one
 */
export function parseArgumentTags(text: string, prefix = ''): { name: string; pairs: [string, string][] } | null {
  const open = `<${prefix}arg_value>`
  const [head = '', ...rest] = text.split(`<${prefix}arg_key>`)
  const pairs = rest.map((part): [string, string] => {
    const [key = '', ...value] = part.split(open)
    // The last closing tag ends the value; earlier ones are part of it.
    const written = value.join(open).trimEnd()
    const close = `</${prefix}arg_value>`
    return [
      key.split(`</${prefix}arg_key>`, 1)[0]?.trim() ?? '',
      written.endsWith(close) ? written.slice(0, -close.length) : value.join(open),
    ]
  })
  const name = head.trim()
  return /^[\w.-]+$/.test(name) ? { name, pairs } : null
}

const MOST_LEVELS = 32
const matchesAny = (): boolean => true

/** The text as the first of the schemas that it fits. A text that means null is null where that is allowed. */
function coerceToAny(text: string, schemas: readonly unknown[], root: unknown, level: number): unknown {
  const values = schemas.map((schema) => coerceArgument(text, schema, root, level + 1))
  const fitting = values.filter((value, index) => misfit(value, schemas[index], { matches: matchesAny }, root) === null)
  if (fitting.length === 0) return text
  return fitting.includes(null) ? null : fitting[0]
}

/** Converts bare text to the type that its schema requires, if possible. Objects are converted recursively. */
export function coerceArgument(value: unknown, schema: unknown, root: unknown = schema, level = 0): unknown {
  if (!isJsonObject(schema) || level > MOST_LEVELS) return value
  const { $ref: reference, anyOf, oneOf, type, enum: choices } = schema
  if (typeof reference === 'string') return coerceArgument(value, referredSchema(root, reference), root, level + 1)
  if (isJsonObject(value)) return coerceProperties(value, schema, root, level)
  if (Array.isArray(value)) return value.map((entry) => coerceArgument(entry, schema['items'], root, level + 1))
  if (typeof value !== 'string') return value
  const branches = anyOf ?? oneOf
  if (Array.isArray(branches)) return coerceToAny(value, branches, root, level)
  const types = [type].flat()
  const text = value.trim()
  const parsed = parseJson(text)
  const fixed = 'const' in schema ? [schema['const']] : choices
  if (Array.isArray(fixed)) {
    const meant = fixed.findIndex((choice) => choice === text || isSameJson(choice, parsed))
    return meant < 0 || fixed.includes(value) ? value : (fixed as unknown[])[meant]
  }
  if (types.includes('null') && /^(null|none)$/i.test(text)) return null
  if (types.includes('string')) return value
  if (types.includes('integer') && /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (types.includes('number') && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))) return Number(text)
  if (types.includes('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (types.includes('array') && Array.isArray(parsed))
    return parsed.map((entry) => coerceArgument(entry, schema['items'], root, level + 1))
  if (types.includes('object') && isJsonObject(parsed)) return coerceProperties(parsed, schema, root, level)
  return value
}

function coerceProperties(value: JsonObject, schema: JsonObject, root: unknown, level: number): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, coerceArgument(entry, properties[key], root, level + 1)]))
}

/** The value of a tool's argument that is written as bare text. */
export function textArgument(tools: readonly KnownTool[], toolName: string | undefined, name: string, text: string): unknown {
  const parameters = tools.find((tool) => tool.name === toolName)?.parameters
  if (!isJsonObject(parameters)) return text
  const { properties, additionalProperties } = parameters
  const isKnown = isJsonObject(properties) && Object.hasOwn(properties, name)
  return coerceArgument(text, isKnown ? properties[name] : additionalProperties, parameters)
}
