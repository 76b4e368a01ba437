/** A call as a model wrote it. */
export interface ParsedToolCall {
  readonly name: string
  /** A JSON object. */
  readonly argumentsJson: string
}

/** What is known of a tool: its parameters tell which type an argument that came as bare text has. */
export interface KnownTool {
  readonly name: string
  readonly parameters?: unknown
}

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // not JSON: the caller takes it for plain text
  }
}

function fromObject(value: unknown): ParsedToolCall | null {
  if (!isObject(value)) return null
  const call = isObject(value['function']) ? value['function'] : value
  const { name } = call
  if (typeof name !== 'string' || name === '') return null
  const given = call['arguments'] ?? call['parameters'] ?? {}
  const args = typeof given === 'string' ? parseJson(given) : given
  return isObject(args) ? { name, argumentsJson: JSON.stringify(args) } : null
}

/** Null unless all are calls: half of a list would be a lie. */
function allOrNull(calls: readonly (ParsedToolCall | null)[]): ParsedToolCall[] | null {
  const parsed = calls.filter((call) => call !== null)
  return parsed.length > 0 && parsed.length === calls.length ? parsed : null
}

/**
 * JSON as Hermes, Qwen, Llama 3 and Mistral write it: an object with `name` and `arguments` (or `parameters`), a list
 * of them, or several after one another with semicolons or line breaks between.
 */
export function parseJsonCalls(text: string): ParsedToolCall[] | null {
  const trimmed = text.trim()
  const whole = parseJson(trimmed)
  if (Array.isArray(whole)) return allOrNull(whole.map(fromObject))
  if (whole !== undefined) return allOrNull([fromObject(whole)])
  const parts = trimmed.split(/(?<=\})\s*[;\n]\s*(?=\{)/)
  return parts.length > 1 ? allOrNull(parts.map((part) => fromObject(parseJson(part.trim())))) : null
}

/** Mistral's newer form, once or more: `name[ARGS]{...}`, also with `[TOOL_CALLS]` or `[CALL_ID]id` between. */
export function parseNamedCalls(text: string): ParsedToolCall[] | null {
  const parts = text.split('[TOOL_CALLS]').filter((part) => part.trim() !== '')
  return allOrNull(
    parts.map((part) => {
      const match = /^\s*([\w.-]+)(?:\[CALL_ID\]\w*)?(?:\[ARGS\])?\s*(\{.*\})\s*$/s.exec(part)
      return fromObject({ name: match?.[1], arguments: parseJson(match?.[2] ?? '') })
    }),
  )
}

function parameterSchemas(name: string, tools: readonly KnownTool[]): JsonObject {
  const parameters = tools.find((tool) => tool.name === name)?.parameters
  const properties = isObject(parameters) ? parameters['properties'] : undefined
  return isObject(properties) ? properties : {}
}

function fromTexts(name: string, pairs: readonly (readonly [key: string, value: string])[], tools: readonly KnownTool[]): ParsedToolCall | null {
  if (name === '') return null
  const schemas = parameterSchemas(name, tools)
  return { name, argumentsJson: JSON.stringify(Object.fromEntries(pairs.map(([key, value]) => [key, coerceArgument(value, schemas[key])]))) }
}

/** Qwen3-Coder's: `<function=name><parameter=key>value</parameter></function>`. */
function parseFunctionTags(text: string, tools: readonly KnownTool[]): ParsedToolCall[] | null {
  const calls = [...text.matchAll(/<function=([^>\s]+)\s*>(.*?)(?:<\/function>|$)/gs)]
  const pairsOf = (body: string): [string, string][] =>
    [...body.matchAll(/<parameter=([^>\s]+)\s*>(.*?)(?:<\/parameter>|(?=<parameter=)|$)/gs)].map(([, key = '', value = '']) => [key, value.replace(/^\n|\n$/g, '')])
  return allOrNull(calls.map(([, name = '', body = '']) => fromTexts(name, pairsOf(body), tools)))
}

/** GLM's: `name<arg_key>key</arg_key><arg_value>value</arg_value>`; closing tags may be missing. */
export function parseArgumentTags(text: string): { name: string; pairs: [string, string][] } | null {
  const [head = '', ...rest] = text.split('<arg_key>')
  const pairs = rest.map((part): [string, string] => {
    const [key = '', value = ''] = part.split('<arg_value>')
    return [key.split('</arg_key>', 1)[0]?.trim() ?? '', value.split('</arg_value>', 1)[0] ?? '']
  })
  const name = head.trim()
  return /^[\w.-]+$/.test(name) ? { name, pairs } : null
}

/** What stands between `<tool_call>` and `</tool_call>`, in any of the forms that models write there. */
export function parseTaggedCall(text: string, tools: readonly KnownTool[]): ParsedToolCall[] | null {
  if (text.includes('<function=')) return parseFunctionTags(text, tools)
  const json = parseJsonCalls(text)
  if (json) return json
  const tagged = parseArgumentTags(text)
  return tagged && (tagged.pairs.length > 0 || tools.some((tool) => tool.name === tagged.name)) ? allOrNull([fromTexts(tagged.name, tagged.pairs, tools)]) : null
}

/** Bare text as the type that its schema asks for, where it is one; else as it is. Objects are looked into. */
export function coerceArgument(value: unknown, schema: unknown): unknown {
  if (!isObject(schema)) return value
  const types = [schema['type']].flat()
  if (isObject(value)) return coerceProperties(value, schema)
  if (typeof value !== 'string' || types.includes('string')) return value
  const text = value.trim()
  const parsed = parseJson(text)
  if (types.includes('integer') && /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (types.includes('number') && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))) return Number(text)
  if (types.includes('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  if (types.includes('null') && text.toLowerCase() === 'null') return null
  if (types.includes('array') && Array.isArray(parsed)) return parsed.map((entry) => coerceArgument(entry, schema['items']))
  if (types.includes('object') && isObject(parsed)) return coerceProperties(parsed, schema)
  return value
}

function coerceProperties(value: JsonObject, schema: JsonObject): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, coerceArgument(entry, properties[key])]))
}
