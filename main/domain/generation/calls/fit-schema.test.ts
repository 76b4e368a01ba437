import { describe, expect, it } from 'vitest'
import { misfit, referredSchema } from './fit-schema.ts'
import { adaptToSchema } from './adapt-to-schema.ts'

const OPTIONS = { matches: (pattern: string, text: string) => new RegExp(pattern, 'u').test(text) }
const fits = (value: unknown, schema: unknown): boolean => misfit(value, schema, OPTIONS) === null

describe('referredSchema', () => {
  it('takes a step that is no percent-encoding as it stands', () => {
    expect(referredSchema({ 'a%f': { type: 'null' }, 'b c': true }, '#/a%f')).toEqual({ type: 'null' })
    expect(referredSchema({ 'b c': true }, '#/b%20c')).toBe(true)
    expect(referredSchema({}, '#/%')).toBeUndefined()
  })
})

describe('misfit', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['types', { type: ['integer', 'null'] }, 3, 3.5],
    ['required properties', { type: 'object', required: ['a'] }, { a: 1 }, { b: 1 }],
    ['closed objects', { properties: { a: {} }, additionalProperties: false }, { a: 1 }, { a: 1, b: 2 }],
    ['other properties', { additionalProperties: { type: 'number' } }, { b: 2 }, { b: 'x' }],
    ['enums of any values', { enum: ['a', { b: [1] }] }, { b: [1] }, { b: [2] }],
    ['constants', { const: null }, null, 0],
    ['lists', { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true }, ['a', 'b'], ['a', 'a']],
    ['tuples', { prefixItems: [{ type: 'string' }], items: false }, ['a'], ['a', 'b']],
    ['numbers', { minimum: 1, exclusiveMaximum: 3, multipleOf: 0.5 }, 2.5, 3],
    ['lengths, in characters', { minLength: 2, maxLength: 2 }, '😀😀', '😀'],
    ['patterns', { pattern: '^a+$' }, 'aa', 'ab'],
    [
      'references, also to itself',
      {
        $ref: '#/$defs/node',
        $defs: {
          node: { type: 'object', properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['next'] },
        },
      },
      { next: { next: null } },
      { next: { next: 1 } },
    ],
    ['one of several', { oneOf: [{ type: 'integer' }, { minimum: 5 }] }, 3, 7],
    ['all of several', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, 2, 3],
    ['what it must not be', { not: { type: 'string' } }, 1, 'x'],
    ['conditions', { if: { type: 'string' }, then: { minLength: 1 }, else: { minimum: 0 } }, 'x', -1],
  ])('checks %s', (_, schema, good, bad) => {
    expect([fits(good, schema), fits(bad, schema)]).toEqual([true, false])
  })

  it('says where and why', () => {
    expect(misfit({ a: [{ b: 'x' }] }, { properties: { a: { items: { properties: { b: { type: 'integer' } } } } } }, OPTIONS)).toBe(
      '$.a[0].b is not of type integer',
    )
    expect(misfit(1, { $ref: '#/nowhere' }, OPTIONS)).toContain('#/nowhere')
  })

  it('ends with schemas that ask for more than can be checked', () => {
    const loop = { $ref: '#' }
    expect(misfit(1, loop, OPTIONS)).toContain('too complex')
    const fork = { anyOf: [{ allOf: [{ $ref: '#' }, { $ref: '#' }] }, { allOf: [{ $ref: '#' }, { $ref: '#' }] }] }
    expect(misfit(1, fork, OPTIONS)).toContain('too complex')
  })
})

it('adaptToSchema parses texts as the required type, and drops properties that a closed object does not allow', () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'integer' }, list: { type: 'array', items: { $ref: '#/$defs/flag' } } },
    additionalProperties: false,
    $defs: { flag: { type: 'boolean' } },
  }
  expect(adaptToSchema({ n: '5', list: ['True', 'no'], more: 1 }, schema)).toEqual({ n: 5, list: [true, 'no'] })
})
