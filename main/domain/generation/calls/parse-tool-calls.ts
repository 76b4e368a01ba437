import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'

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
    return undefined // not JSON: the caller treats it as plain text
  }
}

/** GLM's format: `name<arg_key>key</arg_key><arg_value>value</arg_value>`; closing tags may be missing. */
export function parseArgumentTags(text: string): { name: string; pairs: [string, string][] } | null {
  const [head = '', ...rest] = text.split('<arg_key>')
  const pairs = rest.map((part): [string, string] => {
    const [key = '', ...value] = part.split('<arg_value>')
    // The last closing tag ends the value; earlier ones are part of it.
    return [key.split('</arg_key>', 1)[0]?.trim() ?? '', value.join('<arg_value>').replace(/<\/arg_value>\s*$/, '')]
  })
  const name = head.trim()
  return /^[\w.-]+$/.test(name) ? { name, pairs } : null
}

/** Converts bare text to the type that its schema requires, if possible. Objects are converted recursively. */
export function coerceArgument(value: unknown, schema: unknown): unknown {
  if (!isJsonObject(schema)) return value
  const types = [schema['type']].flat()
  if (isJsonObject(value)) return coerceProperties(value, schema)
  if (typeof value !== 'string' || types.includes('string')) return value
  const text = value.trim()
  const parsed = parseJson(text)
  if (types.includes('integer') && /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (types.includes('number') && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))) return Number(text)
  if (types.includes('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (types.includes('null') && /^(null|none)$/i.test(text)) return null
  if (types.includes('array') && Array.isArray(parsed)) return parsed.map((entry) => coerceArgument(entry, schema['items']))
  if (types.includes('object') && isJsonObject(parsed)) return coerceProperties(parsed, schema)
  return value
}

function coerceProperties(value: JsonObject, schema: JsonObject): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, coerceArgument(entry, properties[key])]))
}
