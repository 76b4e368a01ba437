import { z } from 'zod'

interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema | boolean
  readonly prefixItems?: readonly JsonSchema[]
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** Schemas that are described once and referred to by name. */
export type NamedSchemas = Readonly<Record<string, z.ZodType>>

const LINE_LIMIT = 110
const EDGE = 2 ** 53 - 1

/** A schema in TypeScript's notation, with limits in brackets. A named schema is its name, or is written out if it is `own`. */
export function formatSchema(schema: z.ZodType, named: NamedSchemas, own: string | null = null): string {
  const name = Object.keys(named).find((each) => named[each] === schema)
  if (name !== undefined && own === null) return name
  const registry = z.registry<{ id: string }>()
  for (const [id, each] of Object.entries(named)) if (id !== own) registry.add(each, { id })
  return format(z.toJSONSchema(schema, { metadata: registry, unrepresentable: 'any', io: 'input' }) as JsonSchema, '')
}

function format(schema: JsonSchema, indent: string): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  const options = schema.anyOf ?? schema.oneOf
  if (options) return formatOptions(options, indent)
  if (schema.allOf) return schema.allOf.map((each) => format(each, indent)).join(' & ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum)
    return formatOptions(
      schema.enum.map((each) => ({ const: each })),
      indent,
    )
  if (Array.isArray(schema.type)) return schema.type.join(' | ')
  switch (schema.type) {
    case 'object':
      return formatObject(schema, indent)
    case 'array':
      return formatArray(schema, indent)
    case 'string':
      return `string${inBrackets(schema.pattern ? `/${schema.pattern}/` : range(schema.minLength, schema.maxLength))}`
    case 'integer':
      return `int${inBrackets(range(schema.minimum, schema.maximum))}`
    case 'number':
      return `number${inBrackets(range(schema.minimum, schema.maximum))}`
    default:
      return typeof schema.type === 'string' ? schema.type : 'any'
  }
}

function formatOptions(options: readonly JsonSchema[], indent: string): string {
  const texts = options.map((each) => format(each, `${indent}  `))
  const line = texts.join(' | ')
  return line.length + indent.length <= LINE_LIMIT && !line.includes('\n') ? line : texts.map((text) => `\n${indent}| ${text}`).join('')
}

function formatObject({ properties, required, additionalProperties }: JsonSchema, indent: string): string {
  if (!properties)
    return typeof additionalProperties === 'object' ? `{ [name]: ${format(additionalProperties, indent)} }` : '{ [name]: any }'
  const fields = Object.entries(properties).map(
    ([name, value]) => `${name}${required?.includes(name) ? '' : '?'}: ${format(value, `${indent}  `)}`,
  )
  const line = `{ ${fields.join(', ')} }`
  if (line.length + indent.length <= LINE_LIMIT && !line.includes('\n')) return line
  return `{\n${fields.map((field) => `${indent}  ${field}`).join('\n')}\n${indent}}`
}

function formatArray({ items, prefixItems, maxItems }: JsonSchema, indent: string): string {
  if (prefixItems) return `[${prefixItems.map((each) => format(each, indent)).join(', ')}]`
  const item = typeof items === 'object' ? format(items, indent) : 'any'
  const isOne = /^[\w.]+(\([^()|]*\))?$/.test(item) || (item.startsWith('{') && item.endsWith('}'))
  return `${isOne ? item : `(${item})`}[]${inBrackets(range(undefined, maxItems))}`
}

function range(from: number | undefined, to: number | undefined): string {
  const [low, high] = [from === -EDGE ? undefined : from, to === EDGE ? undefined : to]
  return low === undefined && high === undefined ? '' : `${low ?? ''}..${high ?? ''}`
}

function inBrackets(text: string): string {
  return text === '' ? '' : `(${text})`
}
