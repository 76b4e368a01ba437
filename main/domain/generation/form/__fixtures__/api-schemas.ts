import type { JsonObject } from '../../../../shared/formats/json-value.ts'

const FORMATS: Readonly<Record<string, string>> = {
  date: 'date',
  time: 'date-time',
  clock: 'time',
  uuid: 'uuid',
  email: 'email',
  uri: 'uri',
  ip: 'ipv4',
  host: 'hostname',
}
const SCALARS: Readonly<Record<string, JsonObject>> = {
  s: { type: 'string' },
  i: { type: 'integer' },
  n: { type: 'number' },
  b: { type: 'boolean' },
  null: { type: 'null' },
  any: {},
  map: { type: 'object', additionalProperties: { type: 'string' } },
  obj: { type: 'object' },
  id: { type: 'string', pattern: '^[A-Za-z0-9_-]{3,40}$' },
  slug: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
  color: { type: 'string', pattern: '^#[0-9a-f]{6}$' },
  currency: { type: 'string', pattern: '^[a-z]{3}$' },
  entity: { type: 'string', pattern: '^[a-z_]{2,12}\\.[a-z0-9_]{1,20}$' },
  sha: { type: 'string', pattern: '^[0-9a-f]{40}$' },
  label: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$' },
  quantity: { type: 'string', pattern: '^[0-9]+(m|Ki|Mi|Gi)?$' },
}

/** Splits at a separator outside of brackets. */
function split(text: string, separator: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of text) {
    if ('[{('.includes(character)) depth += 1
    if (']})'.includes(character)) depth -= 1
    if (character === separator && depth === 0) parts.push('')
    else parts.push((parts.pop() ?? '') + character)
  }
  return parts.filter((part) => part !== '')
}

/**
 * A type in short: `s`, `i1..100`, `s<=50`, `s>=1`, `[i]1..3`, `{a! b:i}`, `=a|b~c` (a choice of texts, `~` for a space), `#date` (format),
 * `@name` (a definition), `x/null` (either).
 */
function typeOf(text: string): JsonObject {
  if (text.startsWith('=')) return { type: 'string', enum: text.slice(1).replaceAll('~', ' ').split('|') }
  const either = split(text, '/')
  if (either.length > 1) return { anyOf: either.map(typeOf) }
  if (text.startsWith('#')) return { type: 'string', format: FORMATS[text.slice(1)] }
  if (text.startsWith('@')) return { $ref: `#/$defs/${text.slice(1)}` }
  if (text.startsWith('{')) return objectOf(text.slice(1, -1))
  const list = /^\[(.*)\](?:(\d+)\.\.(\d+))?$/.exec(text)
  if (list) {
    const [, item = 's', least, most] = list
    return { type: 'array', items: typeOf(item), ...(least === undefined ? {} : { minItems: Number(least), maxItems: Number(most) }) }
  }
  const bounded = /^([inNs])(-?[\d.]+)\.\.(-?[\d.]+)$/.exec(text)
  if (bounded) {
    const [, type = '', minimum, maximum] = bounded
    return { ...SCALARS[type], minimum: Number(minimum), maximum: Number(maximum) }
  }
  const length = /^s(<=|>=)(\d+)$/.exec(text)
  if (length) return { type: 'string', [length[1] === '<=' ? 'maxLength' : 'minLength']: Number(length[2]) }
  const scalar = SCALARS[text]
  if (scalar === undefined) throw new Error(`${text} is no type`)
  return scalar
}

/** Fields such as `title!:s<=256 body labels:[s]`; `!` marks required ones, and a text is the usual type. */
function objectOf(text: string): JsonObject {
  const fields = split(text, ' ').map((field) => {
    const [, name = '', required, type = 's'] = /^([\w$-]+)(!?)(?::(.*))?$/.exec(field) ?? []
    return { name, isRequired: required === '!', schema: typeOf(type) }
  })
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

/** One schema per line, `name fields`, in sections `# title`. `& name fields` defines a part for the lines of its section. */
export function readApiSchemas(text: string): [name: string, schema: JsonObject][] {
  const schemas: [string, JsonObject][] = []
  let section = ''
  let parts: Record<string, JsonObject> = {}
  for (const line of text.split('\n').filter((entry) => entry !== '')) {
    const [, mark = '', name = '', fields = ''] = /^([#&] )?(\S+)\s*(.*)$/.exec(line) ?? []
    if (mark === '# ') [section, parts] = [name, {}]
    else if (mark === '& ') parts[name] = objectOf(fields)
    else schemas.push([`${section} ${name}`, fields.includes('@') ? { ...objectOf(fields), $defs: parts } : objectOf(fields)])
  }
  return schemas
}
