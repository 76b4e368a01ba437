import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../shared/formats/json-value.ts'
import { enforceableSchema } from './enforceable-schema.ts'

const lowered = (schema: JsonObject): unknown => JSON.parse(JSON.stringify(enforceableSchema(schema)))
const integer = { type: 'integer' }

describe('enforceableSchema', () => {
  it.each<[string, JsonObject, unknown]>([
    [
      'keywords beside anyOf into its branches, without those that nothing fits',
      { type: 'object', properties: { a: integer, b: integer }, anyOf: [{ required: ['a'] }, { type: 'string' }] },
      { anyOf: [{ type: 'object', properties: { a: integer, b: integer }, required: ['a'] }] },
    ],
    [
      'the parts of allOf into one',
      { allOf: [{ $ref: '#/$defs/x' }, { minimum: 3, type: 'integer' }, { minimum: 5 }], $defs: { x: { type: 'number', maximum: 9 } } },
      { type: 'integer', maximum: 9, minimum: 5, $defs: { x: { type: 'number', maximum: 9 } } },
    ],
    [
      'keywords beside a reference into its target',
      { properties: { a: { $ref: '#/$defs/x', maximum: 4 } }, $defs: { x: integer } },
      { properties: { a: { type: 'integer', maximum: 4 } }, $defs: { x: integer } },
    ],
    [
      'an annotation beside a reference not',
      { properties: { a: { $ref: '#', title: 'A' } } },
      { properties: { a: { $ref: '#', title: 'A' } } },
    ],
    ['an enum in two parts', { allOf: [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }] }, { enum: ['b'] }],
    ['what no grammar holds', { type: 'string', not: { const: 'x' }, pattern: '^\\bx' }, { type: 'string' }],
    [
      'a recursion',
      { properties: { next: { anyOf: [{ type: 'null' }, { $ref: '#' }] } } },
      { properties: { next: { anyOf: [{ type: 'null' }, { $ref: '#' }] } } },
    ],
    ['an oneOf', { oneOf: [integer, { type: 'null' }] }, { anyOf: [integer, { type: 'null' }] }],
  ])('puts or leaves out: %s', (_, schema, expected) => expect(lowered(schema)).toEqual(expected))

  it('narrows formats and short texts to patterns', () => {
    const { properties } = lowered({ properties: { a: { format: 'email' }, b: { type: 'string', maxLength: 3 } } }) as Record<
      string,
      JsonObject
    >
    expect(new RegExp(String((properties?.['a'] as JsonObject)['pattern']), 'u').test('a.b@c.example')).toBe(true)
    expect(properties?.['b']).toMatchObject({ type: 'string', pattern: '^[^\\x00-\\x1f"\\\\]{0,3}$' })
  })

  it('leaves a schema as it is whose branches would multiply without end', () => {
    const endless: JsonObject = { $ref: '#/$defs/a', minimum: 1, $defs: { a: { $ref: '#/$defs/a', maximum: 2 } } }
    expect(enforceableSchema(endless)).toBe(endless)
  })
})
