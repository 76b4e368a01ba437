import { describe, expect, it } from 'vitest'
import { plainKeywords } from './plain-keywords.ts'

describe('the plain keywords of a schema', () => {
  it.each([
    ['values of the type', { type: 'string', enum: ['a', 3, null] }, { type: 'string', enum: ['a'] }],
    ['whole numbers', { type: ['integer', 'null'], enum: [1, 1.5, null] }, { type: ['integer', 'null'], enum: [1, null] }],
    ['no value', { type: 'string', enum: [3] }, false],
    ['a constant of another type', { type: 'string', const: 3 }, false],
    ['whole bounds', { type: 'integer', minimum: 0.5, maximum: 2.7 }, { type: 'integer', minimum: 1, maximum: 2 }],
    ['exclusive bounds', { type: 'integer', exclusiveMinimum: 2, maximum: 5.5 }, { type: 'integer', minimum: 3, maximum: 5 }],
    ['bounds of whole numbers as they are', { type: 'integer', exclusiveMinimum: 2 }, { type: 'integer', exclusiveMinimum: 2 }],
    ['numbers', { minimum: 3 }, { minimum: 3, type: 'number' }],
    ['texts', { pattern: 'a' }, { pattern: 'a', type: 'string' }],
    ['both kinds as they are', { minimum: 3, maxLength: 2 }, { minimum: 3, maxLength: 2 }],
    ['the lists of earlier drafts', { items: [{}], additionalItems: false }, { prefixItems: [{}], items: false }],
    [
      'required properties that are not described',
      { properties: { a: {} }, required: ['a', 'b'] },
      { properties: { a: {}, b: {} }, required: ['a', 'b'] },
    ],
    [
      'required properties of the kind of all others',
      { required: ['b'], additionalProperties: { type: 'null' } },
      { required: ['b'], additionalProperties: { type: 'null' }, properties: { b: { type: 'null' } } },
    ],
    [
      'no property that may not be there',
      { properties: { a: true, b: false }, additionalProperties: false },
      { properties: { a: true }, additionalProperties: false },
    ],
  ])('keep or become %s', (_, schema, plain) => {
    expect(plainKeywords(schema)).toEqual(plain)
  })
})
