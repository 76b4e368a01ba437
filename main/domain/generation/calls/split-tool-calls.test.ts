import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coerceArgument, parseArgumentTags } from './parse-tool-calls.ts'
import { createToolCallSplitter } from './split-tool-calls.ts'
import { wholeCalls } from './whole-calls.ts'

const weather = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } } }
const oslo = { name: 'weather', argumentsJson: '{"city":"Oslo"}' }
const rome = { name: 'weather', argumentsJson: '{"city":"Rome"}' }

function split(pieces: readonly string[], tools = [weather]): { content: string; calls: unknown[] } {
  const splitter = createToolCallSplitter(tools)
  const out = wholeCalls([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush()])
  return {
    content: out.map((piece) => (piece.type === 'content' ? piece.text : '')).join(''),
    calls: out.flatMap((piece) => (piece.type === 'tool-call' ? [piece.call] : [])),
  }
}

describe('H12 the tool call splitter', () => {
  it.each<[name: string, text: string, content: string, calls: unknown[]]>([
    ['plain text', 'It rains. \n', 'It rains. \n', []],
    ['Hermes', '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>', '', [oslo]],
    [
      'Hermes, after words',
      'Let me see.\n\n<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>\n',
      'Let me see.',
      [oslo],
    ],
    [
      'Hermes, twice',
      '<tool_call>{"name":"weather","arguments":{"city":"Oslo"}}</tool_call>\n' +
        '<tool_call>{"name":"weather","arguments":{"city":"Rome"}}</tool_call>',
      '',
      [oslo, rome],
    ],
    ['Hermes, not closed', '<tool_call>{"name":"weather","arguments":{"city":"Oslo"}}', '', [oslo]],
    ['Hermes, arguments as text', '<tool_call>{"name":"weather","arguments":"{\\"city\\":\\"Oslo\\"}"}</tool_call>', '', [oslo]],
    ['Llama 3', '{"name": "weather", "parameters": {"city": "Oslo"}}', '', [oslo]],
    ['Llama 3, with its tag', '<|python_tag|>{"name": "weather", "parameters": {"city": "Oslo"}}', '', [oslo]],
    [
      'Llama 3, twice',
      '{"name": "weather", "parameters": {"city": "Oslo"}}; {"name": "weather", "parameters": {"city": "Rome"}}',
      '',
      [oslo, rome],
    ],
    ['Llama 3, as a function', '{"type": "function", "function": {"name": "weather", "parameters": {"city": "Oslo"}}}', '', [oslo]],
    [
      'Mistral',
      '[TOOL_CALLS][{"name": "weather", "arguments": {"city": "Oslo"}}, {"name": "weather", "arguments": {"city": "Rome"}}]',
      '',
      [oslo, rome],
    ],
    ['Mistral, tag left out', '[{"name": "weather", "arguments": {"city": "Oslo"}}]', '', [oslo]],
    ['Mistral, newer', '[TOOL_CALLS]weather[ARGS]{"city": "Oslo"}[TOOL_CALLS]weather{"city": "Rome"}', '', [oslo, rome]],
    [
      'Qwen3-Coder',
      '<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>',
      '',
      [{ name: 'weather', argumentsJson: '{"city":"Oslo","days":3}' }],
    ],
    [
      'GLM',
      '<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n' +
        '<arg_key>days</arg_key><arg_value>3</arg_value></tool_call>',
      '',
      [{ name: 'weather', argumentsJson: '{"city":"Oslo","days":3}' }],
    ],
    [
      'Hermes, arguments null',
      '<tool_call>{"name":"weather","arguments":null}</tool_call>',
      '',
      [{ name: 'weather', argumentsJson: '{}' }],
    ],
    ['a broken call is text', 'So: <tool_call>{"name": </tool_call> end', 'So: <tool_call>{"name": </tool_call> end', []],
    [
      'JSON that is an answer',
      '{"name": "Oslo", "parameters": {"people": 700000}}',
      '{"name": "Oslo", "parameters": {"people": 700000}}',
      [],
    ],
    ['JSON of other keys', '{"city": "Oslo"}', '{"city": "Oslo"}', []],
    ['a list of numbers', '[1, 2]', '[1, 2]', []],
  ])('reads %s, whole and letter by letter', (_, text, content, calls) => {
    expect(split([text])).toEqual({ content, calls })
    expect(split([...text])).toEqual({ content, calls })
  })

  it('does not keep text waiting', () => {
    const splitter = createToolCallSplitter([weather])
    expect(splitter.push('Hello <b')).toEqual([{ type: 'content', text: 'Hello <b' }])
    expect(createToolCallSplitter([weather]).push('{"city": ')).toEqual([{ type: 'content', text: '{"city":' }])
  })

  it('sees no calls where there are no tools', () => {
    const text = ' <tool_call>{"name":"weather","arguments":{}}</tool_call> '
    expect(split([text], [])).toEqual({ content: text, calls: [] })
  })

  it('never throws and loses no letters of text without markers', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const { content, calls } = split(pieces)
        return calls.length === 0 && content === pieces.join('')
      }),
    )
  })
})

describe('coerceArgument', () => {
  it.each<[unknown, unknown, unknown]>([
    ['5', { type: 'integer' }, 5],
    ['5.5', { type: 'integer' }, '5.5'],
    [true, { type: 'integer' }, true],
    ['5.5', { type: 'number' }, 5.5],
    ['inf', { type: 'number' }, 'inf'],
    ['TRUE', { type: 'boolean' }, true],
    ['yes', { type: 'boolean' }, 'yes'],
    ['{"a":"1"}', { type: 'object', properties: { a: { type: 'integer' } } }, { a: 1 }],
    ['[1,"2"]', { type: 'array', items: { type: 'integer' } }, [1, 2]],
    ['7', { type: ['null', 'integer'] }, 7],
    ['null', { type: ['null', 'integer'] }, null],
    ['abc', { type: ['integer', 'string'] }, 'abc'],
    ['5', { type: 'string' }, '5'],
    ['5', undefined, '5'],
  ])('%j as %j is %j', (value, schema, expected) => expect(coerceArgument(value, schema)).toEqual(expected))
})

describe('parseArgumentTags', () => {
  it.each([
    ['get_weather<arg_key>location</arg_key><arg_value>San Francisco</arg_value>', 'get_weather', [['location', 'San Francisco']]],
    [
      'fn<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n<arg_key>b</arg_key> <arg_value>2</arg_value>',
      'fn',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'search<arg_key>query</arg_key><arg_value>python<arg_key>limit</arg_key><arg_value>10',
      'search',
      [
        ['query', 'python'],
        ['limit', '10'],
      ],
    ],
    ['fn<arg_key>data</arg_key><arg_value>line1\nline2', 'fn', [['data', 'line1\nline2']]],
    ['fn<arg_key>data</arg_key><arg_value>{"key": "value"}', 'fn', [['data', '{"key": "value"}']]],
  ])('reads %j', (text, name, pairs) => expect(parseArgumentTags(text)).toEqual({ name, pairs }))
})
