import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../shared/formats/json-value.ts'
import { boundedSchema } from './bounded-schema.ts'

const fits = (schema: JsonObject, value: unknown): boolean => new Ajv2020({ strict: false }).compile(schema)(value)
const many = Array.from({ length: 100 }, (_, index) => index)

describe('a bounded schema', () => {
  it.each<[schema: JsonObject, taken: unknown, refused: unknown]>([
    [{ type: 'object' }, { a: 'x', b: [1, { c: null }] }, { a: 'x'.repeat(201) }],
    [{ type: 'object' }, {}, { a: many }],
    [{ type: 'object' }, { a: { b: 1 } }, Object.fromEntries(many.map((index) => [`k${index}`, 1]))],
    [{ type: 'object', properties: { a: { type: 'string' } } }, { a: 'x'.repeat(200) }, { a: 'x'.repeat(201) }],
    [{ type: 'object', properties: { a: { type: 'array', items: { type: 'integer' } } } }, { a: [1] }, { a: many }],
    [{ type: 'object', properties: { n: { type: 'integer' } } }, { n: 1234567890 }, { n: 1e20 }],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, null, 'x'.repeat(201)],
    [{ type: 'object', properties: { a: { $ref: '#/$defs/t' } }, $defs: { t: { type: 'string' } } }, { a: 'x' }, { a: 'x'.repeat(201) }],
  ])('of %j ends', (schema, taken, refused) => {
    const limited = boundedSchema(schema)
    expect([fits(limited, taken), fits(limited, refused), fits(schema, refused)]).toEqual([true, false, true])
  })

  it.each<JsonObject>([
    { type: 'string', maxLength: 5000 },
    { type: 'string', pattern: '^a*$' },
    { type: 'string', enum: ['x'.repeat(300)] },
    { type: 'array', minItems: 40, items: { type: 'null' } },
    { type: 'integer', minimum: 0 },
  ])('keeps the limits that %j has', (schema) => {
    const limited = boundedSchema(schema)
    for (const [key, value] of Object.entries(schema)) if (key !== 'items') expect(limited[key]).toEqual(value)
    expect(fits(limited, schema['type'] === 'array' ? Array.from({ length: 40 }, () => null) : null)).toBe(schema['type'] === 'array')
  })

  it('takes nothing that the schema refuses', () => {
    const schemas: JsonObject[] = [{ type: 'object' }, { type: 'string', minLength: 300 }, { type: 'array', minItems: 20 }, {}]
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.jsonValue(), (schema, value) => {
        if (fits(boundedSchema(schema), value)) expect(fits(schema, value)).toBe(true)
      }),
    )
  })
})
