import { describe, expect, it } from 'vitest'
import { isCertain } from './certain-schema.ts'

const text = { type: 'string' }

describe('isCertain', () => {
  it.each<[string, unknown]>([
    [
      'types and bounds',
      { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'], additionalProperties: false },
    ],
    ['a list', { type: 'array', items: text, minItems: 1, maxItems: 3 }],
    ['choices', { anyOf: [text, { type: 'null' }] }],
    ['branches of different types', { oneOf: [text, { type: 'object' }] }],
    ['a reference', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { enum: ['x'] } } }],
    ['lengths that a pattern counts', { properties: { a: { type: 'string', minLength: 1 }, b: { type: 'string', maxLength: 50 } } }],
    ['a pattern', { type: 'string', pattern: '^[a-z]{3}$' }],
    ['a keyword as the name of a property', { properties: { not: text, contains: text } }],
  ])('takes what a grammar holds exactly: %s', (_, schema) => expect(isCertain(schema)).toBe(true))

  it.each<[string, unknown]>([
    ['a part that is checked afterwards', { properties: { a: { type: 'array', uniqueItems: true } } }],
    ['branches that a value may fit at once', { oneOf: [text, { type: 'string', maxLength: 3 }] }],
    ['a length that is not counted exactly', { type: 'string', maxLength: 5000 }],
    ['keywords beside branches', { type: 'object', anyOf: [{ required: ['a'] }] }],
    ['a pattern that looks around', { pattern: '^(?=a)' }],
    ['a format of which grammars allow more', { format: 'uri' }],
    ['a part of a definition', { $ref: '#/$defs/a', $defs: { a: { not: {} } } }],
  ])('does not take: %s', (_, schema) => expect(isCertain(schema)).toBe(false))
})
