import { describe, expect, it } from 'vitest'
import { recursionFault } from './recursion-fault.ts'
import { schemaFault } from './schema-fault.ts'

const fault = (schema: unknown, isStrict = false) => {
  const found =
    schemaFault(schema, { isStrict, patternFault: (pattern) => (pattern === 'bomb' ? 'it takes too long' : null) }) ??
    recursionFault(schema)
  return found === null ? null : `${found.path} ${found.keyword}`
}

describe('schemaFault', () => {
  it.each<[unknown, string]>([
    [{ type: 'objekt' }, '# type'],
    [{ type: [] }, '# type'],
    [{ properties: { a: { type: 'string', minLength: -1 } } }, '#/properties/a minLength'],
    [{ properties: { 'a/b': 7 } }, '# properties'],
    [{ properties: { 'a/b': { enum: [] } } }, '#/properties/a~1b enum'],
    [{ anyOf: [] }, '# anyOf'],
    [{ anyOf: [{}, { multipleOf: 0 }] }, '#/anyOf/1 multipleOf'],
    [{ items: { required: 'a' } }, '#/items required'],
    [{ prefixItems: [{ maximum: '5' }] }, '#/prefixItems/0 maximum'],
    [{ $defs: { a: { pattern: 'bomb' } } }, '#/$defs/a pattern'],
    [{ patternProperties: { bomb: true } }, '# patternProperties'],
  ])('names keyword and place of what is no schema: %j', (schema, expected) => {
    expect(fault(schema)).toBe(expected)
    expect(fault(schema, true)).toBe(expected)
  })

  it.each<[unknown, string]>([
    [{ unevaluatedProperties: false }, '# unevaluatedProperties'],
    [{ properties: { a: { $dynamicRef: '#a' } } }, '#/properties/a $dynamicRef'],
    [{ properties: { a: { format: 'idn-email' } } }, '#/properties/a format'],
    [{ properties: { a: { minLenght: 2 } } }, '#/properties/a minLenght'],
    [{ properties: { a: { required: true } } }, '#/properties/a required'],
  ])('refuses what an answer is not checked for, where it is strict: %j', (schema, expected) => {
    expect(fault(schema)).toBeNull()
    expect(fault(schema, true)).toBe(expected)
  })

  it('has nothing against what is checked, and against annotations', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'T',
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], format: 'date-time', pattern: '^x', default: 'x', 'x-order': 1 },
        b: { type: 'array', prefixItems: [{ const: null }], items: false, contains: true, uniqueItems: true },
        c: { $ref: '#/$defs/node' },
        if: { type: 'string' },
      },
      dependentRequired: { a: ['b'] },
      propertyNames: { maxLength: 3 },
      required: ['a'],
      additionalProperties: false,
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    }
    expect(fault(schema, true)).toBeNull()
  })

  it.each<[string, unknown]>([
    ['#/properties/a minimum', { properties: { a: { type: 'integer', minimum: 5, maximum: 3 } } }],
    ['#/items minLength', { items: { minLength: 5, maxLength: 4 } }],
    ['# minItems', { minItems: 2, maxItems: 1 }],
    ['#/anyOf/1 required', { anyOf: [{}, { properties: { a: {} }, required: ['a', 'z'], additionalProperties: false }] }],
  ])('refuses keywords that leave no value together: %s', (place, schema) => expect(fault(schema)).toBe(place))

  it.each<[string, unknown]>([
    ['# allOf', { allOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['#/properties/a allOf', { type: 'object', properties: { a: { allOf: [{ type: ['string', 'null'] }, { type: 'object' }] } } }],
    ['# allOf', { type: 'object', allOf: [{ type: 'array' }] }],
    ['# allOf', { allOf: [{ enum: ['a', 'b'] }, { enum: ['c'] }] }],
    ['# allOf', { allOf: [{ enum: ['a', 1] }, { type: 'boolean' }] }],
    ['# allOf', { allOf: [{ $ref: '#/$defs/x' }, { type: 'null' }], $defs: { x: { anyOf: [{ type: 'string' }, { const: 3 }] } } }],
    ['#/items $ref', { items: { type: 'string', $ref: '#/$defs/x' }, $defs: { x: { type: 'number' } } }],
    ['# anyOf', { type: 'string', anyOf: [{ type: 'integer' }, { const: null }] }],
    ['# const', { type: 'integer', const: 1.5 }],
    ['# allOf', { allOf: [{ allOf: [{ type: 'string' }] }, { allOf: [{ type: 'array' }] }] }],
  ])('refuses types and constants that no value has all of: %s', (place, schema) => expect(fault(schema)).toBe(place))

  it.each<[string, unknown]>([
    ['an integer is a number', { allOf: [{ type: 'integer' }, { type: 'number' }] }],
    ['1.0 is an integer', { type: 'integer', const: 1 }],
    ['a type in common', { allOf: [{ type: ['string', 'null'] }, { type: ['null', 'array'] }] }],
    ['one branch that fits', { type: 'string', anyOf: [{ type: 'integer' }, { minLength: 2 }] }],
    ['constants that are spelled in another order', { allOf: [{ const: { a: 1, b: 2 } }, { enum: [{ b: 2, a: 1 }] }] }],
    ['a reference to the whole', { anyOf: [{ type: 'null' }, { type: 'object', properties: { next: { allOf: [{ $ref: '#' }] } } }] }],
  ])('lets be what a value may fit: %s', (_, schema) => expect(fault(schema)).toBeNull())

  it('refuses what is nested too deep or has too many parts', () => {
    let deep: unknown = {}
    for (let level = 0; level < 100; level += 1) deep = { items: deep }
    expect(fault(deep)).toMatch(/^#\/items/)
    expect(fault({ anyOf: Array.from({ length: 20_000 }, () => ({})) })).toBe('# ')
  })
})

describe('recursionFault', () => {
  it.each<[string, unknown]>([
    ['a reference to itself', { $ref: '#' }],
    ['two that refer to each other', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
    ['a property that it requires', { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }],
    ['a list that must not be empty', { type: 'array', items: { $ref: '#' }, minItems: 1 }],
    ['no choice that ends', { anyOf: [{ $ref: '#' }, { type: 'array', prefixItems: [{ $ref: '#' }], minItems: 1 }] }],
    ['all of several', { allOf: [{ type: 'string' }, { $ref: '#' }] }],
    ['false', { type: 'object', properties: { a: false }, required: ['a'] }],
  ])('finds that no value ends: %s', (_, schema) => expect(recursionFault(schema)).not.toBeNull())

  it.each<[string, unknown]>([
    ['an optional property', { type: 'object', properties: { a: { $ref: '#' } } }],
    ['a list that may be empty', { type: 'array', items: { $ref: '#' } }],
    ['a choice', { anyOf: [{ $ref: '#' }, { type: 'null' }] }],
    ['another type', { type: ['object', 'null'], properties: { a: { $ref: '#' } }, required: ['a'] }],
    ['a constant', { type: 'object', properties: { a: { const: 1, $comment: '#' } }, required: ['a'] }],
  ])('lets a recursion be that may end: %s', (_, schema) => expect(recursionFault(schema)).toBeNull())

  it.each(['#/$defs/none', 'https://example.com/schema', 'other.json'])('finds a reference that leads nowhere: %s', (reference) => {
    expect(recursionFault({ type: 'object', properties: { a: { $ref: reference } } })).toMatchObject({ path: reference, keyword: '$ref' })
  })

  it.each<[string, (next: object) => object]>([
    ['references', (next) => next],
    ['required properties', (next) => ({ type: 'object', properties: { a: next }, required: ['a'] })],
    ['choices', (next) => ({ anyOf: [next, next] })],
    ['parts', (next) => ({ allOf: [next] })],
    ['lists', (next) => ({ type: 'array', items: next, minItems: 1 })],
  ])('C5: refuses a chain of %s that is too long, and takes a long one', (_, step) => {
    const chain = (length: number): object => {
      const links = Array.from({ length }, (_link, index) => [`d${index}`, step({ $ref: `#/$defs/d${index + 1}` })])
      return { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(links), [`d${length}`]: { type: 'string' } } }
    }
    expect(recursionFault(chain(5_000))).toMatchObject({ keyword: '$ref' })
    expect(recursionFault(chain(100))).toBeNull()
  })

  it('ends where references are many', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `d${index}`,
        {
          type: 'object',
          properties: { a: { $ref: `#/$defs/d${(index * 7 + 1) % 40}` }, b: { $ref: `#/$defs/d${(index * 3 + 2) % 40}` } },
          required: ['a', 'b'],
        },
      ]),
    )
    expect(recursionFault({ $ref: '#/$defs/d0', $defs })).not.toBeNull()
  })
})
