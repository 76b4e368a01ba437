import { isJsonObject, type JsonObject } from '../../../shared/formats/json-value.ts'
import { keywordWithoutValue } from './allowed-values.ts'
import { isKnownFormat } from '../json/text-formats.ts'

/** A problem of a schema and its location: `path` is a JSON pointer. */
export interface SchemaFault {
  readonly path: string
  readonly keyword: string
  readonly reason: string
}

interface SchemaRules {
  /** Keywords that are not checked are faults; otherwise they count as annotations. */
  readonly isStrict: boolean
  /** Why a regular expression cannot be used; null: it can. */
  readonly patternFault: (pattern: string) => string | null
}

const MOST_LEVELS = 64
const MOST_SCHEMAS = 10_000

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const isText = (value: unknown): boolean => typeof value === 'string'
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isType = (value: unknown): boolean => TYPES.includes(value as string)
const isSchema = (value: unknown): boolean => isJsonObject(value) || isFlag(value)
const isSchemaList = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isSchema)
const isSchemaMap = (value: unknown): boolean => isJsonObject(value) && Object.values(value).every(isSchema)

interface Keyword {
  readonly isRight: (value: unknown) => boolean
  readonly words: string
  /** Where the keyword's value contains schemas. */
  readonly inner?: 'schema' | 'list' | 'map'
}

const keyword = (isRight: Keyword['isRight'], words: string, inner?: Keyword['inner']): Keyword => ({
  isRight,
  words,
  ...(inner ? { inner } : {}),
})
const schema = keyword(isSchema, 'must be a schema', 'schema')
const schemaList = keyword(isSchemaList, 'must be a list of schemas that is not empty', 'list')
const schemaMap = keyword(isSchemaMap, 'must be an object whose values are schemas', 'map')
const count = keyword(isCount, 'must be a whole number that is not negative')
const number = keyword(isNumber, 'must be a number')
const flag = keyword(isFlag, 'must be true or false')
const text = keyword(isText, 'must be a text')

/** The keywords that answers are checked against. */
const CHECKED: Readonly<Record<string, Keyword>> = {
  $ref: text,
  $defs: schemaMap,
  definitions: schemaMap,
  type: keyword(
    (value) => isType(value) || (Array.isArray(value) && value.length > 0 && value.every(isType)),
    `must be one or several of ${TYPES.join(', ')}`,
  ),
  enum: keyword((value) => Array.isArray(value) && value.length > 0, 'must be a list that is not empty'),
  const: keyword(() => true, ''),
  allOf: schemaList,
  anyOf: schemaList,
  oneOf: schemaList,
  not: schema,
  if: schema,
  then: schema,
  else: schema,
  properties: schemaMap,
  patternProperties: schemaMap,
  additionalProperties: schema,
  propertyNames: schema,
  required: keyword(isTextList, 'must be a list of names'),
  dependentRequired: keyword((value) => isJsonObject(value) && Object.values(value).every(isTextList), 'must name lists of names'),
  dependentSchemas: schemaMap,
  dependencies: keyword(
    (value) => isJsonObject(value) && Object.values(value).every((part) => isSchema(part) || isTextList(part)),
    'must be an object whose values are schemas or lists of names',
    'map',
  ),
  minProperties: count,
  maxProperties: count,
  items: keyword((value) => isSchema(value) || isSchemaList(value), 'must be a schema', 'schema'),
  prefixItems: schemaList,
  additionalItems: schema,
  contains: schema,
  minContains: count,
  maxContains: count,
  minItems: count,
  maxItems: count,
  uniqueItems: flag,
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: keyword((value) => isNumber(value) && (value as number) > 0, 'must be a number above 0'),
  minLength: count,
  maxLength: count,
  pattern: text,
  format: text,
}

/** Keywords that do not restrict an answer. */
const ANNOTATIONS = [
  '$schema',
  '$id',
  'id',
  '$comment',
  '$anchor',
  '$vocabulary',
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
  'enumNames',
  'name',
  'strict',
  'propertyOrdering',
  'markdownDescription',
  'nullable',
  'discriminator',
  'externalDocs',
  'enumDescriptions',
]

/** OpenAPI's formats for the storage or display of a value. */
const HINT_FORMATS = ['int32', 'int64', 'float', 'double', 'password', 'byte', 'binary']

const pointer = (step: string | number): string => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`

const LIMITS = [
  ['minimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
  ['minContains', 'maxContains'],
] as const

/** A keyword that leaves no value together with another one; null: none does. */
function conflictOf(schema: JsonObject): Omit<SchemaFault, 'path'> | null {
  for (const [low, high] of LIMITS) {
    const [least, most] = [schema[low], schema[high]]
    if (typeof least === 'number' && typeof most === 'number' && least > most) return { keyword: low, reason: `it is above '${high}'` }
  }
  const { required, properties, additionalProperties, patternProperties } = schema
  if (additionalProperties !== false || patternProperties !== undefined || !Array.isArray(required)) return null
  const known = isJsonObject(properties) ? properties : {}
  const excluded: unknown = required.find((name: unknown) => typeof name === 'string' && !Object.hasOwn(known, name))
  return excluded === undefined ? null : { keyword: 'required', reason: `'additionalProperties' excludes ${JSON.stringify(excluded)}` }
}

/** A keyword that leaves no value together with others, because of their types and constants; null: none does. */
function valueConflictOf(schema: JsonObject, root: unknown): Omit<SchemaFault, 'path'> | null {
  const keyword = keywordWithoutValue(schema, root)
  return keyword === null ? null : { keyword, reason: 'no value has all types and constants that are demanded here' }
}

/** The schemas in a keyword's value, with their locations. */
function innerSchemas(inner: Keyword['inner'], value: unknown): [step: string, schema: unknown][] {
  if (inner === 'map' && isJsonObject(value)) return Object.entries(value).map(([name, part]) => [pointer(name), part])
  if (Array.isArray(value) && inner !== undefined) return value.map((part: unknown, index) => [pointer(index), part])
  return inner === 'schema' ? [['', value]] : []
}

/** Why the requirement of a keyword cannot be checked; null: it can. */
function valueFault(name: string, value: unknown, { isStrict, patternFault }: SchemaRules): string | null {
  if (name === 'pattern') return patternFault(value as string)
  if (name === 'patternProperties') {
    const faults = Object.keys(value as JsonObject).map(patternFault)
    return faults.find((fault) => fault !== null) ?? null
  }
  return name === 'format' && isStrict && !isKnownFormat(value as string) && !HINT_FORMATS.includes(value as string)
    ? `the format ${JSON.stringify(value)} is not checked`
    : null
}

/** The first fault of a schema; null: none. References are checked by `recursionFault`. */
export function schemaFault(root: unknown, rules: SchemaRules): SchemaFault | null {
  const left: { readonly path: string; readonly level: number; readonly schema: unknown }[] = [{ path: '#', level: 0, schema: root }]
  let seen = 0
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, level, schema: found } = next
    seen += 1
    if (level > MOST_LEVELS) return { path, keyword: '', reason: `it is nested deeper than ${MOST_LEVELS} schemas` }
    if (seen + left.length > MOST_SCHEMAS) return { path: '#', keyword: '', reason: `it has more than ${MOST_SCHEMAS} schemas` }
    if (!isJsonObject(found)) continue
    const inner: typeof left = []
    for (const [name, value] of Object.entries(found)) {
      const known = Object.hasOwn(CHECKED, name) ? CHECKED[name] : undefined
      const at = { path, keyword: name }
      if (known === undefined) {
        if (rules.isStrict && !ANNOTATIONS.includes(name) && !name.startsWith('x-'))
          return { ...at, reason: 'an answer is not checked for it' }
        continue
      }
      if ((value === null && name !== 'const') || (name === 'required' && isFlag(value))) {
        if (rules.isStrict) return { ...at, reason: `it ${known.words}` }
        continue
      }
      if (!known.isRight(value)) return { ...at, reason: `it ${known.words}` }
      const fault = valueFault(name, value, rules)
      if (fault !== null) return { ...at, reason: fault }
      for (const [step, part] of innerSchemas(known.inner, value))
        inner.push({ path: path + pointer(name) + step, level: level + 1, schema: part })
    }
    const conflict = conflictOf(found) ?? valueConflictOf(found, root)
    if (conflict !== null) return { path, ...conflict }
    left.push(...inner.reverse())
  }
  return null
}
