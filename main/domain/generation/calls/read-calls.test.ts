import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createToolCallSplitter } from './split-tool-calls.ts'
import { wholeCalls } from './whole-calls.ts'

const weather = { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }
const write = { name: 'write_file', parameters: { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } } } }
const tools = [weather, write]
const paris = { name: 'get_weather', argumentsJson: '{"city":"Paris"}' }
const file = (content: string): unknown => ({ name: 'write_file', argumentsJson: JSON.stringify({ path: 'a.txt', content }) })

function split(pieces: readonly string[], isCut = false): { content: string; calls: unknown[] } {
  const splitter = createToolCallSplitter(tools)
  const out = wholeCalls([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush(isCut)])
  return {
    content: out.map((piece) => (piece.type === 'content' ? piece.text : '')).join(''),
    calls: out.flatMap((piece) => (piece.type === 'tool-call' ? [piece.call] : [])),
  }
}

const INNER = '<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>'

/** MiniMax M3 writes a mark before each of its tags. */
const tagged = (text: string): string => `|${text}`.replaceAll('|', ']<]minimax[>[')

describe('calls', () => {
  it.each<[name: string, text: string, content: string, calls: unknown[]]>([
    [
      'H02 Kimi',
      '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>' +
        '{"city":"Paris"}<|tool_call_end|><|tool_calls_section_end|>',
      '',
      [{ ...paris, id: 'functions.get_weather:0' }],
    ],
    [
      'H02 Kimi, twice, after words',
      'Ok.<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>' +
        '{"city":"Paris"}<|tool_call_end|><|tool_call_begin|>functions.get_weather:1<|' +
        'tool_call_argument_begin|>{"city":"Paris"}<|tool_call_end|><|tool_calls_section_end|>',
      'Ok.',
      [
        { ...paris, id: 'functions.get_weather:0' },
        { ...paris, id: 'functions.get_weather:1' },
      ],
    ],
    [
      'H03 DeepSeek V3.1',
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city":"Paris"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
      '',
      [paris],
    ],
    [
      'H03 DeepSeek V3',
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city":"Paris"}\n' +
        '```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city":"Paris"}\n' +
        '```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
      '',
      [paris, paris],
    ],
    [
      'DeepSeek V3.2',
      '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" ' +
        'string="true">Paris</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
      '',
      [paris],
    ],
    [
      'MiniMax',
      '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Paris</parameter>\n</invoke>\n</minimax:tool_call>',
      '',
      [paris],
    ],
    ['MiniMax M1', '<tool_calls>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_calls>', '', [paris]],
    ['Gemma', 'Sure.\n```tool_code\nprint(get_weather(city="Paris"))\n```', 'Sure.', [paris]],
    ['FunctionGemma', '<start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>', '', [paris]],
    ['Gemma 4', 'Ok.<|tool_call>call:get_weather{city:<|"|>Paris<|"|>}<tool_call|>', 'Ok.', [paris]],
    [
      'Gemma 4, marks of the notation within a text',
      '<|tool_call>call:get_weather{city:<|"|>a, {b: [c]} <tool_call|> "d"<|"|>}<tool_call|>',
      '',
      [{ name: 'get_weather', argumentsJson: JSON.stringify({ city: 'a, {b: [c]} <tool_call|> "d"' }) }],
    ],
    [
      'Gemma 4, values of every kind',
      '<|tool_call>call:get_weather{a:-1.5,b:true,c:null,d:{e:<|"|>f<|"|>,g:[1,<|"|>h,i<|"|>]},<|"|>j k<|"|>:[],l:{"m": "n"}}<tool_call|>',
      '',
      [{ name: 'get_weather', argumentsJson: '{"a":-1.5,"b":true,"c":null,"d":{"e":"f","g":[1,"h,i"]},"j k":[],"l":{"m":"n"}}' }],
    ],
    [
      'Gemma 4, two calls, the last without its end',
      '<|tool_call>call:get_weather{city:<|"|>Paris<|"|>}<tool_call|><|tool_call>call:get_weather{}',
      '',
      [paris, { name: 'get_weather', argumentsJson: '{}' }],
    ],
    [
      'Hunyuan',
      '<tool_calls>\n<tool_call>get_weather\n```json\n{"city":"Paris"}\n```</tool_call>\n' +
        '<tool_call>get_weather\n```json\n{"city":"Paris"}\n```</tool_call>\n</tool_calls>',
      '',
      [paris, paris],
    ],
    ['Olmo 3', '<function_calls>\nget_weather(city="Paris")\nget_weather(city="Paris")\n</function_calls>', '', [paris, paris]],
    ['a call in the tag of a function', '<function_call>{"name":"get_weather","arguments":{"city":"Paris"}}</function_call>', '', [paris]],
    [
      'DeepSeek V4',
      '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" ' +
        'string="true">Paris</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
      '',
      [paris],
    ],
    [
      'Solar',
      '<|tool_calls|><|tool_call:begin|>a1<|tool_call:name|>get_weather<|tool_call:args|>{"city":"Paris"}<|tool_call:end|><|calls|>',
      '',
      [paris],
    ],
    [
      'MiniMax M3',
      tagged('<tool_call>|<invoke name="get_weather">|<city>Paris|</city>|</invoke>|<invoke name="get_weather">|</invoke>|</tool_call>'),
      '',
      [paris, { name: 'get_weather', argumentsJson: '{}' }],
    ],
    [
      'MiniMax M3, a list and an object',
      tagged('<tool_call>|<invoke name="f">|<a>|<item>1|</item>|<item>2|</item>|</a>|<b>|<c>x < y|</c>|</b>|</invoke>|</tool_call>'),
      '',
      [{ name: 'f', argumentsJson: '{"a":["1","2"],"b":{"c":"x < y"}}' }],
    ],
    [
      'Kimi K3',
      '<|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|><|open|>argument key="city" type="string"<|sep|>Paris' +
        '<|close|>argument<|sep|><|close|>call<|sep|><|open|>call tool="get_weather" index="2"<|sep|><|open|>argument key="&quot;d" ' +
        'type="array"<|sep|>[1,{"e":null}]<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
      '',
      [paris, { name: 'get_weather', argumentsJson: '{"\\"d":[1,{"e":null}]}' }],
    ],
    ['MiniCPM', '<function name="get_weather"><param name="city">Paris</param></function>', '', [paris]],
    ['InternLM', '<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": {"city": "Paris"}}<|action_end|>', '', [paris]],
    ['Llama 4 with tags', '<|python_start|>[get_weather(city="Paris")]<|python_end|>', '', [paris]],
    [
      'H02 Kimi without arguments',
      '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|><|tool_call_end|>' +
        '<|tool_calls_section_end|>',
      '',
      [{ name: 'get_weather', id: 'functions.get_weather:0', argumentsJson: '{}' }],
    ],
    [
      'H04 an opening tag twice',
      '<tool_call>\n<tool_call>\n{"name":"get_weather","arguments":{"city":"Paris"}}\n</tool_call>',
      '',
      [paris],
    ],
    [
      'H04 calls with one closing tag',
      '<tool_call>\n{"name":"get_weather","arguments":{"city":"Paris"}}\n<tool_call>\n' +
        '{"name":"get_weather","arguments":{"city":"Paris"}}\n</tool_call>',
      '',
      [paris, paris],
    ],
    ['H04 arguments by the name of Anthropic', '<tool_call>{"name":"get_weather","input":{"city":"Paris"}}</tool_call>', '', [paris]],
    ['H04 a name by the name of its tool', '<tool_call>{"tool":"get_weather","arguments":{"city":"Paris"}}</tool_call>', '', [paris]],
    [
      'H04 an empty list of arguments',
      '<tool_call>{"name":"get_weather","arguments":[]}</tool_call>',
      '',
      [{ name: 'get_weather', argumentsJson: '{}' }],
    ],
    ['Llama pythonic', '[get_weather(city=\'Paris\'), get_weather(city="Paris")]', '', [paris, paris]],
    ['LFM', '<|tool_call_start|>[get_weather(city="Paris")]<|tool_call_end|>Done.', 'Done.', [paris]],
    [
      'Command',
      '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Paris"}}]<|END_ACTION|>',
      '',
      [paris],
    ],
    [
      'H06 Qwen3-Coder without its opening tag',
      '<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>',
      '',
      [paris],
    ],
    ['H06 Llama with a tag', '<function=get_weather>{"city":"Paris"}</function>', '', [paris]],
    ['H06 JSON after words', 'Sure.\n{"name":"get_weather","parameters":{"city":"Paris"}}', 'Sure.', [paris]],
    ['H06 functools', 'functools[{"name":"get_weather","arguments":{"city":"Paris"}}]', '', [paris]],
    ['H04 a brace too many', '<tool_call>\n{"name":"get_weather","arguments":{"city":"Paris"}}}\n</tool_call>', '', [paris]],
    ['H04 a brace too few', '<tool_call>\n{"name":"get_weather","arguments":{"city":"Paris"}\n</tool_call>', '', [paris]],
    [
      'H04 a raw line break',
      '<tool_call>{"name":"write_file","arguments":{"path":"a.txt","content":"l1\nl2"}}</tool_call>',
      '',
      [file('l1\nl2')],
    ],
    [
      'H04 a bad escape',
      String.raw`<tool_call>{"name":"write_file","arguments":{"path":"a.txt","content":"\d+"}}</tool_call>`,
      '',
      [file(String.raw`\d+`)],
    ],
    [
      'H04 empty arguments',
      '<tool_call>{"name":"get_weather","arguments":""}</tool_call>',
      '',
      [{ name: 'get_weather', argumentsJson: '{}' }],
    ],
    ['H04 words after a list', '[TOOL_CALLS][{"name":"get_weather","arguments":{"city":"Paris"}}] done', 'done', [paris]],
    ['H04 words after a named call', '[TOOL_CALLS]get_weather[ARGS]{"city":"Paris"}\n\nOk', 'Ok', [paris]],
    ['H04 words after bare JSON', '{"name":"get_weather","arguments":{"city":"Paris"}}\nThat is all.', 'That is all.', [paris]],
    ['H04 a fence', '```json\n{"name":"get_weather","arguments":{"city":"Paris"}}\n```', '', [paris]],
    [
      'a closing tag within a string',
      '<tool_call>{"name":"write_file","arguments":{"path":"a.txt","content":"a </tool_call> b"}}</tool_call>',
      '',
      [file('a </tool_call> b')],
    ],
    [
      'closing tags within a parameter',
      '<tool_call>\n<function=write_file>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\na ' +
        '</parameter> b </tool_call> c </function> d\n</parameter>\n</function>\n</tool_call>',
      '',
      [file('a </parameter> b </tool_call> c </function> d')],
    ],
    ...[INNER, `a\n${INNER}\n${INNER} b`, 'an <function=x> alone', INNER.replace('Paris', INNER)].map(
      (content): [string, string, string, unknown[]] => [
        'calls within a parameter',
        `<tool_call>\n<function=write_file>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\n${content}` +
          `\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n${INNER}\n</tool_call>`,
        '',
        [file(content), paris],
      ],
    ),
    [
      'calls within JSON',
      `<tool_call>\n<function=write_file>{"path":"a.txt","content":"<parameter=x>${INNER.replaceAll('\n', ' ')}</parameter>"}` +
        '</function>\n</tool_call>',
      '',
      [file(`<parameter=x>${INNER.replaceAll('\n', ' ')}</parameter>`)],
    ],
    [
      'closing tags within an argument of GLM',
      '<tool_call>write_file\n<arg_key>path</arg_key>\n<arg_value>a.txt</arg_value>\n' +
        '<arg_key>content</arg_key>\n<arg_value>a </arg_value> b </tool_call> c</arg_value>\n</tool_call>',
      '',
      [file('a </arg_value> b </tool_call> c')],
    ],
    ['a function that is not known', 'Write <function=other>x</function> so.', 'Write <function=other>x</function> so.', []],
    ['code in a fence', '```json\n{"city": "Paris"}\n```\nthat', '```json\n{"city": "Paris"}\n```\nthat', []],
    ['a list of words', '[get_out(of here)]', '[get_out(of here)]', []],
  ])('are read: %s', (_, text, content, calls) => {
    expect(split([text])).toEqual({ content, calls })
    expect(split([...text])).toEqual({ content, calls })
  })

  it.each([
    ['Qwen3-Coder', '<tool_call>\n<function=write_file>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\nline1\nlin'],
    ['GLM', '<tool_call>write_file\n<arg_key>content</arg_key>\n<arg_value>line1\nli'],
    ['Hermes', '<tool_call>\n{"name": "write_file", "arguments": {"path": "a.txt", "content": "lin'],
    ['Hermes between two arguments', '<tool_call>\n{"name": "write_file", "arguments": {"path": "a.txt",'],
    ['Mistral', '[TOOL_CALLS]write_file[ARGS]{"path": "a.txt"'],
    ['Kimi', '<|tool_calls_section_begin|><|tool_call_begin|>functions.write_file:0<|tool_call_argument_begin|>{"path":"a.txt"'],
    ['bare JSON', '{"name": "write_file", "arguments": {"path": "a.txt"'],
  ])('H01 that the limit cut are none: %s', (_, text) => {
    expect(split([text], true)).toEqual({ content: text, calls: [] })
    expect(split([...text], true)).toEqual({ content: text, calls: [] })
  })

  it('H01 a complete call remains one, whatever is cut after it', () => {
    expect(
      split(['<tool_call>{"name":"get_weather","arguments":{"city":"Paris"}}</tool_call>\n<tool_call>{"name":"get_w'], true),
    ).toMatchObject({ calls: [paris] })
  })

  it('never throw and stay fast, whatever a model writes', () => {
    const part = fc.constantFrom(
      '<tool_call>',
      '</tool_call>',
      '<function=get_weather>',
      '</function>',
      '[TOOL_CALLS]',
      '{"name":"get_weather"',
      ',"arguments":{',
      '}',
      ']',
      '"',
      '\\',
      '<parameter=city>',
      '</parameter>',
      '```json',
      '```',
      '<arg_key>',
      '<arg_value>',
      'x',
      '\n',
      '<｜tool▁sep｜>',
      '[get_weather(',
      'city="a")',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.boolean(), (parts, isCut) => void split(parts, isCut)),
      { numRuns: 500 },
    )
    const started = performance.now()
    const long = `<tool_call>{"name":"write_file","arguments":{"path":"a.txt","content":"${'{}</tool_call> x'.repeat(3000)}"}}</tool_call>`
    expect(split(long.match(/.{1,5}/gs) ?? []).calls).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(60_000)
  })
})
