import { expect, it } from 'vitest'
import { coerceArgument, textArgument } from './parse-tool-calls.ts'

it.each<[unknown, unknown, unknown]>([
  ['5', { type: 'integer' }, 5],
  ['5', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 5],
  ['null', { anyOf: [{ type: 'string' }, { type: 'null' }] }, null],
  ['None', { type: ['string', 'null'] }, null],
  ['null', { type: 'string' }, 'null'],
  ['x', { oneOf: [{ type: 'integer' }, { type: 'string' }] }, 'x'],
  ['3', { enum: ['up', 3] }, 3],
  ['null', { enum: ['up', null] }, null],
  ['\nup ', { enum: ['up'] }, 'up'],
  ['[1, "2"]', { type: 'array', items: { type: 'integer' } }, [1, 2]],
  ['{"a": "1"}', { type: 'object', properties: { a: { type: 'integer' } } }, { a: 1 }],
])('the text %j of an argument with the schema %j means %j', (text, schema, value) => expect(coerceArgument(text, schema)).toEqual(value))

it('follows references, and knows what other names mean', () => {
  const parameters = {
    properties: { a: { $ref: '#/$defs/count' } },
    additionalProperties: { type: 'boolean' },
    $defs: { count: { type: 'integer' } },
  }
  const tools = [{ name: 'f', parameters }]
  expect([textArgument(tools, 'f', 'a', '5'), textArgument(tools, 'f', 'b', 'true'), textArgument(tools, 'g', 'a', '5')]).toEqual([
    5,
    true,
    '5',
  ])
})
