import { patternFault } from '../main/api/form/pattern-fault.ts'
import { boundedSchema } from '../main/domain/generation/form/bounded-schema.ts'
import { boundTools, isCertainTool } from '../main/domain/generation/form/bound-tools.ts'
import { enforceableSchema } from '../main/domain/generation/form/enforceable-schema.ts'
import { recursionFault } from '../main/domain/generation/form/recursion-fault.ts'
import { schemaFault } from '../main/domain/generation/form/schema-fault.ts'
import { isJsonObject } from '../main/shared/formats/json-value.ts'
import type { FuzzTarget } from './fuzz-target.ts'

/** A grammar of a schema grows by what it repeats, but not without bound. */
const MOST_GROWTH = 64 * 2 ** 20

export default {
  seeds: [
    { type: 'object', properties: { a: { type: 'string', pattern: '^a+$' }, b: { type: 'integer', minimum: 1 } }, required: ['a', 'c'] },
    { $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } }, $ref: '#/$defs/node' },
    { definitions: { a: { $ref: '#/definitions/b' }, b: { $ref: '#/definitions/a' } }, $ref: '#/definitions/a' },
    { anyOf: [{ const: null }, { enum: [1, 'a', [], {}] }, { type: ['string', 'null'] }], allOf: [{ minLength: 2, maxLength: 3 }] },
    { type: 'array', items: [{ type: 'number' }], additionalItems: false, minItems: 1, maxItems: 4, uniqueItems: true },
    { patternProperties: { '^x': { not: {} } }, additionalProperties: { format: 'date-time' }, if: {}, then: false, dependentRequired: {} },
    { type: 'string', minLength: 100_000, maxLength: 9_007_199_254_740_991 },
  ].map((json) => JSON.stringify(json)),
  words: [
    '"$ref":"#"',
    '"$ref":"#/$defs/__proto__"',
    '"constructor":',
    '"allOf":[',
    '"items":{',
    '"pattern":"(a|b){1,1000}"',
    'true',
    '1e308',
    '"minItems":',
  ],
  run(bytes) {
    let schema: unknown
    try {
      schema = JSON.parse(bytes.toString('utf8'))
    } catch {
      return
    }
    if (!isJsonObject(schema)) return
    const tool = { name: 'f', description: '', parameters: schema }
    isCertainTool(tool)
    const bound = boundTools([tool], () => true)
    const fault = schemaFault(schema, { isStrict: true, patternFault }) ?? recursionFault(schema)
    const grown = fault === null ? JSON.stringify([enforceableSchema(schema), enforceableSchema(boundedSchema(schema))]) : ''
    if (grown.length + JSON.stringify(bound).length > MOST_GROWTH) throw new Error('a schema grows without bound')
  },
} satisfies FuzzTarget
