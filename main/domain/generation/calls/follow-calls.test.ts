import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createToolCallSplitter } from './split-tool-calls.ts'
import { readRelaxedJson } from '../json/read-relaxed-json.ts'
import { JsonRewriter } from '../json/rewrite-json.ts'

const text = { type: 'string' }
const tools = [
  { name: 'weather', parameters: { type: 'object', properties: { city: text, days: { type: 'integer' } } } },
  { name: 'write', parameters: { type: 'object', properties: { path: text, content: text, mode: { type: 'integer' } } } },
]
const RAW = '{"path": "a.txt", "content": "one\ntwo \\d é \\u00e9 😀 </tool_call> <function=x> {\\"a\\": 1}", "mode": 1.0}'
const INNER = '<function=weather>\n<parameter=city>\nRome\n</parameter>\n</function>'
const CONTENT = 'one\n  <b>two</b> 😀 </parameter> and </tool_call>'

/** One text for each form of the catalogue, with long arguments and, if the form allows it, text around the call. */
const TEXTS: readonly (readonly [form: string, text: string, calls: number])[] = [
  [
    'Hermes',
    `Let me see.\n<tool_call>\n{"name": "write", "arguments": ${RAW}}\n</tool_call>\n<tool_call>\n` +
      '{"name": "weather", "arguments": {"city": "Oslo", "days": -2.50}}\n</tool_call>',
    2,
  ],
  [
    'Hermes, several in one block',
    '<tool_call>[{"name": "weather", "arguments": {"city": "Oslo"}}, {"name": "weather", "arguments": {}}]</tool_call>',
    2,
  ],
  ['Hermes, a brace too few', '<tool_call>{"name": "weather", "arguments": {"city": "Oslo", "days": 1}\n</tool_call>', 1],
  ['Hermes, two braces too few', '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"\n</tool_call>', 1],
  ['Hermes, a brace too many', '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}}\n</tool_call>', 1],
  [
    'Hermes, commas and quotes of Python',
    "<tool_call>{'name': 'weather', 'arguments': {'city': 'Oslo', 'days': None, 'raining': True,},}</tool_call>",
    1,
  ],
  ['Hermes, arguments as text', String.raw`<tool_call>{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}</tool_call>`, 1],
  ['Hermes, without arguments', '<tool_call>{"name":"weather"}</tool_call>', 1],
  ['Hermes, the name last', '<tool_call>{"arguments": {"city": "Oslo"}, "name": "weather"}</tool_call>', 1],
  ['Hermes, a name twice and numbers as names', '<tool_call>{"name":"weather","arguments":{"b":1,"1":2,"b":3}}</tool_call>', 1],
  [
    'Hermes, as a function',
    '<tool_call>{"id": "x", "type": "function", "function": {"name": "weather", "arguments": {"city": ' +
      '"Oslo"}, "x": 1}, "y": 2}</tool_call>',
    1,
  ],
  ['Hermes, not closed', '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}', 1],
  ['Hermes, unknown', '<tool_call>{"name": "other", "arguments": {"city": "Oslo"}}</tool_call>', 1],
  ['Llama', '{"name": "weather", "parameters": {"city": "Oslo"}}; {"name": "weather", "parameters": {"city": "Rome"}}', 2],
  ['Llama, with its tag', `<|python_tag|>{"name": "write", "parameters": ${RAW}}`, 1],
  ['Llama, and words', '{"name": "weather", "parameters": {"city": "Oslo"}}\nThat is all.', 1],
  ['Llama, after words', 'Sure.\n{"name": "weather", "parameters": {"city": "Oslo"}}', 1],
  ['Llama pythonic', "[weather(city='Oslo', days=2), weather()]", 2],
  ['LFM', '<|tool_call_start|>[write(path="a.txt", content="x\\ny [1] (2)"), weather(city="Rome")]<|tool_call_end|>Done.', 2],
  ['Mistral', `[TOOL_CALLS][{"name": "write", "arguments": ${RAW}}, {"name": "weather", "arguments": {"city": "Rome"}}] and more`, 2],
  ['Mistral, newer', `[TOOL_CALLS]write[CALL_ID]abc123def[ARGS]${RAW}[TOOL_CALLS]weather{"city": "Rome"}`, 2],
  ['functools', 'functools[{"name": "weather", "arguments": {"city": "Oslo"}}, {"name": "weather", "arguments": {"city": "Rome"}}]', 2],
  [
    'Qwen3-Coder',
    'Ok.\n<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\n' +
      `${CONTENT}\n</parameter>\n<parameter=mode>\n7\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n` +
      '<function=weather>\n</function>\n</tool_call>',
    2,
  ],
  [
    'Qwen3-Coder without its opening tag',
    '<function=weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>',
    1,
  ],
  ['Qwen3-Coder, the last tags left out', '<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n3', 1],
  [
    'Qwen3-Coder, several in one block',
    '<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n' +
      '<function=weather>\n<parameter=city>\nRome\n</parameter>\n</function>\n</tool_call>',
    2,
  ],
  [
    'Qwen3-Coder, calls within a value',
    '<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\nSo:\n' +
      `${INNER}\n${INNER}\n</parameter>\n<parameter=mode>\n7\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n` +
      '<function=weather>\n</function>\n</tool_call>',
    2,
  ],
  ['a function with JSON', `<function=write>${RAW}</function>`, 1],
  [
    'GLM',
    '<tool_call>write\n<arg_key>path</arg_key>\n<arg_value>a.txt</arg_value>\n<arg_key>content</arg_key>\n' +
      `<arg_value>${CONTENT} </arg_value> x</arg_value>\n<arg_key>mode</arg_key>\n<arg_value>7</arg_value>\n` +
      '</tool_call>',
    1,
  ],
  [
    'MiniMax',
    '<minimax:tool_call>\n<invoke name="write">\n<parameter name="path">a.txt</parameter>\n<parameter ' +
      `name="content">${CONTENT}</parameter>\n</invoke>\n<invoke name="weather">\n<parameter ` +
      'name="days">3</parameter>\n</invoke>\n</minimax:tool_call>',
    2,
  ],
  [
    'MiniMax M1',
    '<tool_calls>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_calls>',
    2,
  ],
  [
    'DeepSeek V3.2',
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="weather">\n<｜DSML｜parameter name="city" ' +
      'string="true">Oslo</｜DSML｜parameter>\n<｜DSML｜parameter name="days" ' +
      'string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
    1,
  ],
  [
    'DeepSeek V3.1',
    `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>write<｜tool▁sep｜>${RAW}<｜tool▁call▁end｜><｜tool▁call▁begin｜>` +
      'weather<｜tool▁sep｜>{"city":"Rome"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    2,
  ],
  [
    'DeepSeek V3',
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{"city":"Oslo"}\n' +
      '```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{"city":"Rome"}\n' +
      '```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    2,
  ],
  [
    'Kimi',
    `<|tool_calls_section_begin|><|tool_call_begin|>functions.write:0<|tool_call_argument_begin|>${RAW}<|` +
      'tool_call_end|><|tool_call_begin|>functions.weather:1<|tool_call_argument_begin|>{"city":"Rome"}<|' +
      'tool_call_end|><|tool_calls_section_end|>',
    2,
  ],
  [
    'Command',
    '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "weather", "parameters": {"city": "Oslo"}}, ' +
      '{"tool_call_id": "1", "tool_name": "weather", "parameters": {"city": "Rome"}}]<|END_ACTION|>',
    2,
  ],
  ['Gemma', 'Sure.\n```tool_code\nprint(weather(city="Oslo", days=3))\n```', 1],
  [
    'FunctionGemma',
    '<start_function_call>call:write{path:<escape>a.txt<escape>,content:<escape>x, {y}<escape>,mode:7}<end_function_call>',
    1,
  ],
  ['Gemma 4', '<|tool_call>call:write{path:<|"|>a.txt<|"|>,content:<|"|>x, {y}<|"|>,mode:7}<tool_call|>', 1],
  [
    'Hunyuan',
    '<tool_calls>\n<tool_call>write\n```json\n' +
      RAW +
      '\n```</tool_call>\n<tool_call>weather\n```json\n{"city":"Rome"}\n```</tool_call>\n</tool_calls>',
    2,
  ],
  ['Olmo 3', '<function_calls>\nweather(city="Oslo", days=3)\nweather(city="Rome")\n</function_calls>', 2],
  [
    'Solar',
    `<|tool_calls|><|tool_call:begin|>a1<|tool_call:name|>write<|tool_call:args|>${RAW}<|tool_call:end|>` +
      '<|tool_call:begin|>a2<|tool_call:name|>weather<|tool_call:args|>{"city":"Rome"}<|tool_call:end|><|calls|>',
    2,
  ],
  ['InternLM', `<|action_start|><|plugin|>\n{"name": "write", "parameters": ${RAW}}<|action_end|>`, 1],
  ['Llama 4', '<|python_start|>[weather(city="Oslo", days=3), weather(city="Rome")]<|python_end|>', 2],
  ...(['tool_calls', ' calls'] as const).map((section): readonly [string, string, number] => {
    const space = section === ' calls' ? ' ' : ''
    const argument = (name: string, value: string, isText = true): string =>
      `<｜DSML｜${space}parameter name="${name}" string="${String(isText)}">${value}</｜DSML｜${space}parameter>\n`
    const call = (name: string, args: string): string => `<｜DSML｜${space}invoke name="${name}">\n${args}</｜DSML｜${space}invoke>\n`
    return [
      `DeepSeek V4${section === ' calls' ? '.1' : ''}`,
      `So.\n\n<｜DSML｜${section}>\n` +
        call('write', argument('path', 'a.txt') + argument('content', CONTENT) + argument('mode', '7', false)) +
        `${call('weather', argument('days', '3', false))}</｜DSML｜${section}>`,
      2,
    ]
  }),
  [
    'MiniMax M3',
    '|<tool_call>|<invoke name="write">|<path>a.txt|</path>|<content>x\n</content> <b>|</content>|<mode>7|</mode>|</invoke>'
      .concat('|<invoke name="weather">|<days>3|</days>|</invoke>|</tool_call>')
      .replaceAll('|', ']<]minimax[>['),
    2,
  ],
  [
    'Kimi K3',
    '<|open|>tools<|sep|><|open|>call tool="write" index="1"<|sep|><|open|>argument key="content" type="string"<|sep|>a\n"b" é' +
      '<|close|>argument<|sep|><|open|>argument key="mode" type="number"<|sep|>7<|close|>argument<|sep|><|close|>call<|sep|>' +
      '<|open|>call tool="weather" index="2"<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
    2,
  ],
  [
    'MiniCPM',
    '<function name="write"><param name="path">a.txt</param><param name="content">x </param> y</param></function>' +
      '<function name="weather"><param name="days">3</param></function>',
    2,
  ],
  ['Apertus', `Ok.<|tools_prefix|>[{"write": ${RAW}}, {"weather": {"city": "Rome"}}, {"weather": {}}]<|tools_suffix|>`, 3],
  [
    'LongCat',
    '<longcat_tool_call>write\n<longcat_arg_key>path</longcat_arg_key>\n<longcat_arg_value>a.txt</longcat_arg_value>\n' +
      '<longcat_arg_key>content</longcat_arg_key>\n<longcat_arg_value>x </longcat_arg_value> y</longcat_arg_value>\n' +
      '</longcat_tool_call>\n<longcat_tool_call>{"name": "weather", "arguments": {"days": 3}}</longcat_tool_call>',
    2,
  ],
  [
    'Hermes, comments',
    '<tool_call>{"name": "weather", "arguments": {// where, "x": 1\n"city": /* not */ "Oslo // \\u002f*", ' +
      '"days": 3/* ** /*/ }}</tool_call>',
    1,
  ],
  ['a fence', '```json\n{"name": "weather", "arguments": {"city": "Oslo"}}\n```', 1],
  ['Nemotron', '<TOOLCALL>[{"name": "weather", "arguments": {"city": "Oslo"}}]</TOOLCALL>', 1],
]
/** Forms whose calls cannot be streamed before they are complete. */
const UNTOLD = ['Hermes, arguments as text', 'Hermes, without arguments', 'Hermes, the name last', 'Hermes, unknown']

interface Streamed {
  readonly content: string
  readonly calls: readonly { name: string; argumentsJson: string }[]
  /** The calls as streamed: a name, then pieces of arguments, then the rest of a complete call. */
  readonly told: readonly { name: string; argumentsJson: string }[]
  readonly isBroken: boolean
  readonly piecesBeforeLast: number
}

function stream(pieces: readonly string[], isCut = false): Streamed {
  const splitter = createToolCallSplitter(tools)
  const before = pieces.slice(0, -1).flatMap((piece) => splitter.push(piece))
  const out = [...before, ...splitter.push(pieces.at(-1) ?? ''), ...splitter.flush(isCut)]
  const calls: { name: string; argumentsJson: string }[] = []
  const told: { name: string; argumentsJson: string }[] = []
  let open = 0
  let content = ''
  let isBroken = false
  for (const piece of out) {
    const last = told.at(-1)
    if (piece.type === 'content') content += piece.text
    if (piece.type === 'call-begin') {
      told.push({ name: piece.name, argumentsJson: '' })
      open += 1
    }
    if (piece.type === 'call-arguments' && last) last.argumentsJson += piece.text
    if (piece.type === 'call-broken') {
      isBroken = true
      content += piece.text
      told.length -= open
      open = 0
    }
    if (piece.type === 'tool-call') {
      const { name, argumentsJson } = piece.call
      calls.push({ name, argumentsJson })
      const begun = open > 0 ? told[told.length - open] : undefined
      if (!begun) told.push({ name, argumentsJson })
      else {
        expect({ name, isPrefix: argumentsJson.startsWith(begun.argumentsJson) }).toEqual({ name: begun.name, isPrefix: true })
        begun.argumentsJson = argumentsJson
        open -= 1
      }
    }
  }
  expect(open).toBe(0)
  return { content, calls, told, isBroken, piecesBeforeLast: before.filter(({ type }) => type === 'call-arguments').length }
}

function cutAt(whole: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map((place) => place % (whole.length + 1)))].toSorted((left, right) => left - right)
  return [0, ...sorted].map((start, index) => whole.slice(start, sorted[index] ?? whole.length))
}

describe('calls that are streamed', () => {
  it.each(TEXTS)('come out as those of the whole text, wherever it is cut: %s', (_, whole, calls) => {
    const expected = stream([whole])
    expect(expected.calls).toHaveLength(calls)
    expect(expected.isBroken).toBe(false)
    for (const call of expected.calls) expect(JSON.parse(call.argumentsJson)).toBeTypeOf('object')
    const check = (pieces: readonly string[]): void => {
      const { content, calls: made, told, isBroken } = stream(pieces)
      expect({ content, calls: made, told, isBroken }).toEqual({
        content: expected.content,
        calls: expected.calls,
        told: expected.calls,
        isBroken: false,
      })
    }
    check([...whole])
    for (let place = 0; place <= whole.length; place += 1) check(cutAt(whole, [place]))
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 12 }), (places) => check(cutAt(whole, places))),
      { numRuns: 20 },
    )
  })

  it.each(TEXTS.filter(([form]) => !UNTOLD.includes(form)))('are told before the text ends: %s', (_, whole) => {
    expect(stream([...whole]).piecesBeforeLast).toBeGreaterThan(0)
  })

  it('grow with every piece, and not only where a value ends', () => {
    const splitter = createToolCallSplitter(tools)
    const told = [...`<tool_call>{"name": "write", "arguments": {"content": "${'word '.repeat(50)}`].flatMap((letter) =>
      splitter.push(letter),
    )
    expect(told[0]).toEqual({ type: 'call-begin', name: 'write', id: undefined })
    expect(told.filter(({ type }) => type === 'call-arguments').length).toBeGreaterThan(200)
  })

  it.each(TEXTS)('are not called if the limit cut them, whatever was reported: %s', (_, whole) => {
    for (let end = 1; end < whole.length; end += whole.length > 150 ? 3 : 1) {
      const { calls } = stream([...whole.slice(0, end)], true)
      const { calls: atOnce } = stream([whole.slice(0, end)], true)
      expect(calls).toEqual(atOnce)
    }
  })

  it('end as broken where the text turns out to be no call', () => {
    const whole = '<tool_call>{"name": "weather", "arguments": {"city": Oslo}}</tool_call> so'
    expect(stream([...whole])).toMatchObject({ content: whole, calls: [], told: [], isBroken: true })
  })
})

describe('the rewriter of JSON', () => {
  const letters = fc
    .array(fc.constantFrom('"', '\\', "'", 'u', '00e9', '\n', '\t', '\ud83d', '\ude00', ' ', 'a', '{', '}', '1', ',', ':'), {
      maxLength: 12,
    })
    .map((parts) => parts.join(''))
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      letters.map((inner) => `"${inner.replaceAll(/(?<!\\)"|\\$/g, '')}"`),
      fc.constantFrom('1', '-2.50', '1e3', 'True', 'null', "'x'", '"\\d"', '"\\u12"'),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }).map((entries) => `[${entries.join(' , ')}]`),
    object: fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'é'), tie('value')), { maxLength: 3 })
      .map((entries) => `{${entries.map(([name, entry]) => ` "${name}" : ${String(entry)}`).join(',')}, }`.replace('{, }', '{}')),
  })).object

  it('writes what JSON.stringify makes of the value that the reader reads, piece by piece', () => {
    fc.assert(
      fc.property(value, fc.array(fc.nat(200), { maxLength: 6 }), (written, places) => {
        const read = readRelaxedJson(String(written))
        fc.pre(read?.isWhole === true)
        const rewriter = new JsonRewriter()
        const json = cutAt(String(written), places)
          .map((piece) => rewriter.push(piece).json)
          .join('')
        expect(rewriter.hasEnded).toBe(true)
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(read?.value))
      }),
      { numRuns: 500 },
    )
  })
})
