import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createToolCallSplitter } from './split-tool-calls.ts'
import { wholeCalls } from './whole-calls.ts'

const text = { type: 'string' }
const tools = [
  { name: 'get_weather', parameters: { type: 'object', properties: { city: text } } },
  { name: 'write_file', parameters: { type: 'object', properties: { path: text, content: text } } },
]

function split(pieces: readonly string[], isCut: boolean): unknown {
  const splitter = createToolCallSplitter(tools)
  const out = wholeCalls([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush(isCut)])
  const content = out.map((piece) => (piece.type === 'content' ? piece.text : '')).join('')
  return { content: content.replaceAll(/\s/g, ''), calls: out.flatMap((piece) => (piece.type === 'tool-call' ? [piece.call] : [])) }
}

/** Calls in the formats of the catalogue, and what models write around them or instead of a part of them. */
const PARTS = [
  '<tool_call>\n{"name":"get_weather","arguments":{"city":"Paris"}}\n</tool_call>',
  '<tool_call>\n{"name":"write_file","arguments":{"path":"a","content":"x</tool_call>y"}}\n</tool_call>',
  '[TOOL_CALLS][{"name":"get_weather","arguments":{"city":"Paris"}}]',
  '[TOOL_CALLS]get_weather[ARGS]{"city":"Paris"}[TOOL_CALLS]get_weather[CALL_ID]abc[ARGS]{"city":"Oslo"}',
  '<|python_tag|>{"name":"get_weather","parameters":{"city":"Paris"}}',
  '<|python_tag|>get_weather.call(city="Paris")',
  '[get_weather(city="Paris"), get_weather(city=\'Oslo\')]',
  '{"name":"get_weather","parameters":{"city":"Paris"}}',
  'Sure.\n{"name":"get_weather","parameters":{"city":"Paris"}}',
  'functools[{"name":"get_weather","arguments":{"city":"Paris"}}]',
  '<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>',
  '<tool_call>\n<function=write_file>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\n' +
    'line1\n</parameter>\nline2\n</parameter>\n</function>\n</tool_call>',
  '<function=get_weather>{"city":"Paris"}</function>',
  '<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n</tool_call>',
  '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>' +
    '{"city":"Paris"}<|tool_call_end|><|tool_calls_section_end|>',
  '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city":"Paris"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
  '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city":"Paris"}\n' +
    '```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
  '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Paris</parameter>\n</invoke>\n</minimax:tool_call>',
  '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" ' +
    'string="true">Paris</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
  '```tool_code\nget_weather(city="Paris")\n```',
  '```json\n{"name":"get_weather","arguments":{"city":"Paris"}}\n```',
  '<|tool_call_start|>[get_weather(city="Paris")]<|tool_call_end|>',
  '<start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>',
  '<|tool_call>call:write_file{path:<|"|>a<|"|>,content:<|"|>x <tool_call|> {y}<|"|>}<tool_call|>',
  '<|tool_call>call:get_weather{city:<|"|>Paris<|"|>,days:3}<tool_call|>',
  '<tool_calls><tool_call>get_weather\n```json\n{"city":"Paris"}\n```</tool_call></tool_calls>',
  '<function_calls>\nget_weather(city="Paris")\n</function_calls>',
  '<|tool_calls|><|tool_call:begin|>a<|tool_call:name|>get_weather<|tool_call:args|>{"city":"Paris"}<|tool_call:end|><|calls|>',
  ']<]minimax[>[<tool_call>]<]minimax[>[<invoke name="get_weather">]<]minimax[>[<city>Paris]<]minimax[>[</city>]<]minimax[>[</invoke>' +
    ']<]minimax[>[</tool_call>',
  '<|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|><|open|>argument key="city" type="string"<|sep|>Paris' +
    '<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
  '<function name="get_weather"><param name="city">Paris</param></function>',
  '<TOOLCALL>[{"name":"get_weather","arguments":{"city":"Paris"}}]</TOOLCALL>',
  '<|START_ACTION|>[{"tool_call_id":"0","tool_name":"get_weather","parameters":{"city":"Paris"}}]<|END_ACTION|>',
  '<tool_calls>\n{"name":"get_weather","arguments":{"city":"Paris"}}\n{"name":"get_weather","arguments":{"city":"Oslo"}}\n</tool_calls>',
  'Some text. ',
  ' and more',
  '\n\n',
  '</tool_call>',
  '</function>',
  '<tool_call>',
  '{',
  '}',
  '"',
  '[',
  ']',
  '\\',
  '```',
  '<',
]

interface Damage {
  readonly at: number
  readonly removed: number
  readonly put: string
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(400),
  removed: fc.nat(6),
  put: fc.tuple(fc.constantFrom(...PARTS), fc.nat(12)).map(([part, length]) => part.slice(0, length)),
})

const damaged = (whole: string, all: readonly Damage[]): string =>
  all.reduce((text, { at, removed, put }) => {
    const place = text.length === 0 ? 0 : at % text.length
    return text.slice(0, place) + put + text.slice(place + removed)
  }, whole)

function cutInto(whole: string, lengths: readonly number[]): string[] {
  const pieces: string[] = []
  for (let at = 0, index = 0; at < whole.length; index++) {
    const length = lengths[index % lengths.length] ?? 1
    pieces.push(whole.slice(at, at + length))
    at += length
  }
  return pieces
}

it('damaged, mixed and unfinished calls are the same however their text is cut into pieces', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 3 }),
      fc.array(damage, { maxLength: 2 }),
      lengths,
      fc.boolean(),
      (parts, damages, cuts, isCut) => {
        const whole = damaged(parts.join(''), damages)
        expect(split(cutInto(whole, cuts), isCut)).toEqual(split([whole], isCut))
        expect(split([...whole], isCut)).toEqual(split([whole], isCut))
      },
    ),
    { numRuns: 1000 },
  )
})

it('text after a value that holds a closing tag is not lost where it comes later', () => {
  const call = '<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris\n</tool_call>'
  for (const pieces of [[call, ' Done.'], [...call, ...' Done.'], [`${call} Done.`]])
    expect(split(pieces, false)).toMatchObject({ content: 'Done.', calls: [{ name: 'get_weather' }] })
})
