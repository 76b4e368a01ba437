import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { accepted, inferenceEnd, textToken, type Script } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const hi = [{ role: 'user', content: 'hi' }]
const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false }
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const chatTool = { type: 'function', function: { name: 'f', parameters } }

/** Writes the start that the request requires, as a tokenizer does, and then gives the next of `answers`. */
function answering(...answers: readonly string[]): Script {
  let calls = 0
  return async function* (request: InferenceRequest): AsyncIterable<InferencePart> {
    const { prompt } = request
    const start = prompt.kind === 'messages' ? prompt.answerStart : undefined
    const begun =
      start === undefined
        ? ''
        : start.kind === 'text'
          ? start.text
          : `<tool_call>\n{"name": ${start.name === null ? '"' : `${JSON.stringify(start.name)}, "arguments":`}`
    yield { ...accepted(request), promptText: `assistant\n${begun}` } as InferencePart
    const answer = answers[Math.min(calls, answers.length - 1)] ?? ''
    calls += 1
    for (const [index, text] of [...answer].entries()) yield { type: 'text-delta', choiceIndex: 0, text, tokens: [textToken(text, index)] }
    yield {
      type: 'choice-end',
      choiceIndex: 0,
      finishReason: answer.endsWith('…') ? 'length' : 'stop',
      stopString: null,
      completionTokens: answer.length,
    }
    yield inferenceEnd(3, answer.length)
  }
}

let api: TestApi | null = null
const start = async (...answers: string[]): Promise<TestApi> => (api = await startTestApi(answering(...answers)))
/** Its engine cannot enforce any grammar. */
const startRefusing = async (...answers: string[]): Promise<TestApi> => {
  const answer = answering(...answers)
  api = await startTestApi(async function* (request, signal) {
    if (request.grammar || request.calls) throw new AppError('grammar-unsupported', 'It is too large.')
    yield* answer(request, signal)
  })
  return api
}
beforeEach(() => void (api = null))
afterEach(() => api?.close())

describe('A03 A21 structured output', () => {
  it.each<[string, string, Record<string, unknown>, (body: never) => string]>([
    [
      'json_object',
      CHAT,
      { response_format: { type: 'json_object' } },
      (body: { choices: [{ message: { content: string } }] }) => body.choices[0].message.content,
    ],
    [
      'json_schema',
      CHAT,
      { response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } } },
      (body: { choices: [{ message: { content: string } }] }) => body.choices[0].message.content,
    ],
    [
      "vLLM's guided_json",
      CHAT,
      { guided_json: schema },
      (body: { choices: [{ message: { content: string } }] }) => body.choices[0].message.content,
    ],
    [
      "llama.cpp's schema",
      CHAT,
      { response_format: { type: 'json_object', schema } },
      (body: { choices: [{ message: { content: string } }] }) => body.choices[0].message.content,
    ],
    [
      'Responses',
      '/v1/responses',
      { messages: undefined, input: 'hi', text: { format: { type: 'json_schema', name: 'a', schema } } },
      (body: { output: [{ content: [{ text: string }] }] }) => body.output[0].content[0].text,
    ],
    [
      "Anthropic's",
      '/v1/messages',
      { max_tokens: 99, output_config: { format: { type: 'json_schema', schema } } },
      (body: { content: [{ text: string }] }) => body.content[0].text,
    ],
    ["Ollama's json", '/api/chat', { stream: false, format: 'json' }, (body: { message: { content: string } }) => body.message.content],
    ["Ollama's schema", '/api/chat', { stream: false, format: schema }, (body: { message: { content: string } }) => body.message.content],
    [
      "Ollama's schema to generate",
      '/api/generate',
      { stream: false, prompt: 'hi', format: schema },
      (body: { response: string }) => body.response,
    ],
  ])('is served for %s', async (_, path, fields, contentOf) => {
    const { post, inference } = await start('{"n": "5"}\n```', ' 5}')
    const { status, body } = await post(path, { model: 'tiny', messages: hi, ...fields })
    expect([status, status === 200 ? '' : JSON.stringify(body)]).toEqual([200, ''])
    expect(typeof JSON.parse(contentOf(body as never))).toBe('object')
    const [first] = inference.requests
    expect(JSON.stringify(first?.prompt)).toContain('nothing else')
  })

  it.each([
    [
      'json_schema',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } },
      { kind: 'json-schema', text: JSON.stringify(schema) },
    ],
    ['json_object', { response_format: { type: 'json_object' } }, { kind: 'json-schema', text: '{"type":"object"}' }],
    ['guided_choice', { guided_choice: ['a "b"', 'é'] }, { kind: 'ebnf', text: String.raw`root ::= "a \"b\"" | "é"` }],
    ['guided_regex', { guided_regex: 'a{2}' }, { kind: 'regex', text: 'a{2}' }],
    ['nothing', {}, undefined],
    [
      'a format beside tools',
      { response_format: { type: 'json_object' }, tools: [chatTool] },
      { kind: 'json-schema', text: '{"type":"object"}' },
    ],
  ])('is enforced by a grammar of the engine: %s', async (_, fields, grammar) => {
    const { post, inference } = await start('{"n": 1}')
    await post(CHAT, { model: 'tiny', messages: hi, ...fields })
    const [first] = inference.requests
    expect(first?.grammar).toEqual(grammar)
    if (grammar) expect(first?.prompt).not.toHaveProperty('answerStart')
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['a raw prompt', { raw: true, prompt: 'City: ' }, 'City: '],
    ['a prompt with a template of its own', { prompt: 'hi', template: 'Q: {{ .Prompt }} A:' }, 'Q: hi'],
    ['a prompt with a system text of its own', { prompt: 'hi', system: 'Be brief.' }, 'Be brief.'],
    ['a gap in a text', { prompt: 'a = ', suffix: ' # end' }, 'a = '],
  ])("of Ollama's format is held in %s", async (_, fields, prompted) => {
    const { post, inference } = await start('{"n": 1}')
    const body = { model: 'tiny', stream: false, format: schema, ...fields }
    expect((await post('/api/generate', body)).body).toMatchObject({ response: '{"n": 1}' })
    expect(inference.requests[0]).toMatchObject({ grammar: { kind: 'json-schema', text: JSON.stringify(schema) } })
    expect(JSON.stringify(inference.requests[0]?.prompt)).toContain(prompted)
  })

  it('without a grammar goes on from a beginning that fits, leaves out what is beside the JSON and tells its pieces', async () => {
    const { post, inference } = await startRefusing(' 5} and more')
    const { body } = await post(CHAT, {
      model: 'tiny',
      messages: hi,
      stream: true,
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
    })
    const chunks = String(body)
      .split('\n\n')
      .flatMap((event) =>
        event.startsWith('data: {')
          ? [JSON.parse(event.slice(6)) as { choices: { delta: { content?: string }; finish_reason: string | null }[] }]
          : [],
      )
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('{"n": 5}')
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(inference.requests.map(({ requestId }) => requestId).at(1)).toMatch(/-free$/)
  })

  it('is asked for once more with the reason, and refused by name where it still does not fit', async () => {
    const { post, inference } = await start('{"n": "x"}', '{"n": 7}')
    const fields = { model: 'tiny', messages: hi, response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } }
    const { body } = await post(CHAT, fields)
    expect(body.choices[0].message.content).toBe('{"n": 7}')
    expect(body.usage.completion_tokens).toBe(18)
    expect(JSON.stringify(inference.requests[1]?.prompt)).toContain('$.n is not of type integer')
    await api?.close()
    const stubborn = await start('{"n": "x"}')
    const { status, body: failure } = await stubborn.post(CHAT, fields)
    expect([status, failure.error.code]).toEqual([502, 'answer_unfit'])
    expect(stubborn.inference.requests).toHaveLength(2)
    const { body: stream } = await stubborn.post(CHAT, { ...fields, stream: true })
    expect(JSON.stringify(stream)).toContain('answer_unfit')
  })

  it('says length where the limit cut it', async () => {
    const { post } = await start(' 12…')
    const { body } = await post(CHAT, {
      model: 'tiny',
      messages: hi,
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
    })
    expect(body.choices[0].finish_reason).toBe('length')
  })

  it('takes a call for an answer where there are tools, refuses formats that are none', async () => {
    const { post } = await start('<tool_call>{"name":"f","arguments":{"city":"Paris"}}</tool_call>')
    const format = { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } }
    const { body } = await post(CHAT, { model: 'tiny', messages: hi, tools: [chatTool], ...format })
    expect(body.choices[0].message.tool_calls[0].function.name).toBe('f')
    for (const bad of [{ type: 'xml' }, { type: 'json_schema' }, { type: 'json_schema', json_schema: { name: 'a', schema: 'x' } }])
      expect((await post(CHAT, { model: 'tiny', messages: hi, response_format: bad })).status).toBe(400)
  })
})

it('a begun answer of Anthropic’s API goes on where it stands', async () => {
  const { post, inference } = await start(' 4.')
  const { body } = await post('/v1/messages', {
    model: 'tiny',
    max_tokens: 9,
    messages: [...hi, { role: 'assistant', content: 'The answer is ' }],
  })
  expect(body.content).toEqual([{ type: 'text', text: ' 4.' }])
  expect(inference.requests[0]?.prompt).toMatchObject({ messages: hi, answerStart: { kind: 'text', text: 'The answer is' } })
})

describe('A04 forced tools', () => {
  const CALL = ' {"city": "Paris"}}\n</tool_call>'

  it.each<[string, string, Record<string, unknown>, (body: never) => string]>([
    [
      'required',
      CHAT,
      { tools: [chatTool], tool_choice: 'required' },
      (body: { choices: [{ message: { tool_calls: [{ function: { arguments: string } }] } }] }) =>
        body.choices[0].message.tool_calls[0].function.arguments,
    ],
    [
      'a name',
      CHAT,
      { tools: [chatTool], tool_choice: { type: 'function', function: { name: 'f' } } },
      (body: { choices: [{ message: { tool_calls: [{ function: { arguments: string } }] } }] }) =>
        body.choices[0].message.tool_calls[0].function.arguments,
    ],
    [
      'function_call',
      CHAT,
      { functions: [{ name: 'f', parameters }], function_call: { name: 'f' } },
      (body: { choices: [{ message: { tool_calls: [{ function: { arguments: string } }] } }] }) =>
        body.choices[0].message.tool_calls[0].function.arguments,
    ],
    [
      'Responses',
      '/v1/responses',
      { messages: undefined, input: 'hi', tools: [{ type: 'function', name: 'f', parameters }], tool_choice: 'required' },
      (body: { output: [{ arguments: string }] }) => body.output[0].arguments,
    ],
    [
      "Anthropic's any",
      '/v1/messages',
      { max_tokens: 99, tools: [{ name: 'f', input_schema: parameters }], tool_choice: { type: 'any' } },
      (body: { content: [{ input: unknown }] }) => JSON.stringify(body.content[0].input),
    ],
    [
      "Anthropic's tool",
      '/v1/messages',
      { max_tokens: 99, tools: [{ name: 'f', input_schema: parameters }], tool_choice: { type: 'tool', name: 'f' } },
      (body: { content: [{ input: unknown }] }) => JSON.stringify(body.content[0].input),
    ],
  ])('are called for %s', async (_, path, fields, argumentsOf) => {
    const { post, inference } = await startRefusing(CALL)
    const { status, body } = await post(path, { model: 'tiny', messages: hi, ...fields })
    expect(inference.requests[0]?.calls).toEqual({
      isRequired: true,
      tools: [{ name: 'f', schema: parameters }],
      isParallel: expect.any(Boolean),
    })
    expect([status, status === 200 ? '' : JSON.stringify(body)]).toEqual([200, ''])
    expect(JSON.parse(argumentsOf(body as never))).toEqual({ city: 'Paris' })
  })

  it('are asked for once more where the model says something else, and never made up', async () => {
    const { post, inference } = await startRefusing(' no}', CALL)
    expect(
      (await post(CHAT, { model: 'tiny', messages: hi, tools: [chatTool], tool_choice: 'required' })).body.choices[0].finish_reason,
    ).toBe('tool_calls')
    expect(inference.requests.filter(({ calls }) => calls === undefined)).toHaveLength(2)
    await api?.close()
    const stubborn = await startRefusing(' {"town": 1}}\n</tool_call>')
    const { status, body } = await stubborn.post(CHAT, { model: 'tiny', messages: hi, tools: [chatTool], tool_choice: 'required' })
    expect([status, body.error.code]).toEqual([502, 'answer_unfit'])
  })

  it('have to be among the tools', async () => {
    const { post } = await start(CALL)
    for (const fields of [{ tool_choice: 'required' }, { tools: [chatTool], tool_choice: { type: 'function', function: { name: 'g' } } }])
      expect((await post(CHAT, { model: 'tiny', messages: hi, ...fields })).status).toBe(400)
  })
})

it.each<[string, string, Record<string, unknown>]>([
  ['chat', CHAT, { tools: [chatTool] }],
  ['Responses', '/v1/responses', { messages: undefined, input: 'hi', tools: [{ type: 'function', name: 'f', parameters }] }],
  ["Anthropic's", '/v1/messages', { max_tokens: 99, tools: [{ name: 'f', input_schema: parameters }] }],
])('a call is streamed by its name first, then by its arguments in pieces: %s', async (_, path, fields) => {
  const city = `😀${'x'.repeat(5000)}`
  const { post } = await start(`<tool_call>{"name":"f","arguments":{"city":"${city}"}}</tool_call>`)
  const { body } = await post(path, { model: 'tiny', messages: hi, stream: true, ...fields })
  const events = String(body)
    .split('\n')
    .flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as Record<string, never>] : []))
  type Any = {
    choices?: { delta: { tool_calls?: { function: { name?: string; arguments: string } }[] } }[]
    delta?: string | { partial_json?: string }
    type?: string
  }
  const pieces = (events as unknown as Any[]).flatMap((event) => {
    const called = event.choices?.[0]?.delta.tool_calls?.[0]?.function
    if (called) return [called.name === undefined ? called.arguments : `name ${called.name}`]
    if (event.type === 'response.function_call_arguments.delta') return [event.delta as string]
    return typeof event.delta === 'object' && event.delta.partial_json !== undefined ? [event.delta.partial_json] : []
  })
  const args = pieces.filter((piece) => !piece.startsWith('name '))
  expect(args.length).toBeGreaterThan(2)
  expect(JSON.parse(args.join(''))).toEqual({ city })
  if (path === CHAT) expect(pieces[0]).toBe('name f')
})

it('H08 H09: a thought that never ends gives its call, or its words where it is all there is', async () => {
  const thinking = (text: string): Script =>
    async function* (request) {
      yield { ...accepted(request), promptText: 'assistant\n<think>\n' } as InferencePart
      yield { type: 'text-delta', choiceIndex: 0, text, tokens: [] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 1 }
      yield inferenceEnd(1, 1)
    }
  api = await startTestApi(thinking('let me call <tool_call>{"name":"f","arguments":{"city":"x"}}</tool_call>'))
  const called = await api.post(CHAT, { model: 'tiny', messages: hi, tools: [chatTool] })
  expect(called.body.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ function: { name: 'f' } }] } })
  await api.close()
  api = await startTestApi(thinking('The answer is 4.'))
  expect((await api.post(CHAT, { model: 'tiny', messages: hi })).body.choices[0].message.content).toBe('The answer is 4.')
})

describe('vLLM’s choices and patterns', () => {
  const contentOf = async (fields: Record<string, unknown>, ...answers: string[]): Promise<unknown> => {
    const { post } = await start(...answers)
    const { status, body } = await post(CHAT, { model: 'tiny', messages: hi, ...fields })
    await api?.close()
    return status === 200 ? body.choices[0].message.content : [status, body.error.code]
  }

  it('give one of the texts as it was written, asked for twice at most', async () => {
    expect(await contentOf({ guided_choice: ['Yes', 'No'] }, '**yes**, of course.')).toBe('Yes')
    expect(await contentOf({ structured_outputs: { choice: ['red', 'red wine'] } }, 'Red wine')).toBe('red wine')
    expect(await contentOf({ guided_choice: ['Yes', 'No'] }, 'Nobody knows.', 'No.')).toBe('No')
    expect(await contentOf({ guided_choice: ['Yes', 'No'] }, 'Nobody knows.')).toEqual([502, 'answer_unfit'])
  })

  it('may ask for any JSON object, with null for the forms that are not asked for', async () => {
    const outputs = { json_object: true, json: null, regex: null, grammar: null, structural_tag: null }
    expect(await contentOf({ structured_outputs: outputs }, 'Here it is: {"a":1}')).toBe('{"a":1}')
    expect(await contentOf({ structured_outputs: { json_object: true } }, 'none', '[1]')).toEqual([502, 'answer_unfit'])
  })

  it.each([
    ['guided_json', { guided_json: '{"type":' }],
    ['json_schema', { json_schema: { type: 'objekt' } }],
    ['structured_outputs.json', { structured_outputs: { json: 7 } }],
  ])('name the field whose schema is invalid: %s', async (param, fields) => {
    const { post } = await start('{}')
    const { status, body } = await post(CHAT, { model: 'tiny', messages: hi, ...fields })
    expect([status, body.error.param]).toEqual([400, param])
  })

  it.each([
    ['guided_grammar', { guided_grammar: 'root ::= "a"' }, { kind: 'ebnf', text: 'root ::= "a"' }],
    ['grammar', { grammar: 'root ::= "a"' }, { kind: 'ebnf', text: 'root ::= "a"' }],
    [
      'structured_outputs.grammar',
      { structured_outputs: { grammar: 'start: "a"' } },
      { kind: 'structural-tag', text: expect.stringContaining('lark') },
    ],
    ['response_format', { response_format: { type: 'grammar', grammar: 'root ::= "a"' } }, { kind: 'ebnf', text: 'root ::= "a"' }],
    [
      'response_format',
      { response_format: { type: 'structural_tag', format: { type: 'any_text' } } },
      { kind: 'structural-tag', text: '{"type":"structural_tag","format":{"type":"any_text"}}' },
    ],
  ])('follow a grammar, and name the field where the engine refuses it: %s', async (param, fields, grammar) => {
    const { post, inference } = await start('a')
    expect((await post(CHAT, { model: 'tiny', messages: hi, ...fields })).body.choices[0].message.content).toBe('a')
    expect(inference.requests[0]).toMatchObject({ grammar, prompt: { messages: hi } })
    await api?.close()
    const refusing = await startRefusing('a')
    const { status, body } = await refusing.post(CHAT, { model: 'tiny', messages: hi, ...fields })
    expect([status, body.error.param, body.error.message]).toEqual([400, param, expect.stringContaining('It is too large')])
  })

  it('apply to completions of texts, which refuse by keyword what no grammar holds', async () => {
    const { post, inference } = await start('{"n":1}')
    for (const fields of [
      { guided_json: schema },
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } },
      { json_schema: schema },
    ])
      expect((await post('/v1/completions', { model: 'tiny', prompt: 'hi', ...fields })).status).toBe(200)
    expect((await post('/completion', { prompt: 'hi', json_schema: schema })).status).toBe(200)
    expect(inference.requests.map(({ grammar }) => grammar)).toEqual(Array(4).fill({ kind: 'json-schema', text: JSON.stringify(schema) }))
    const unsure = { type: 'object', properties: { a: { type: 'array', uniqueItems: true } } }
    const { status, body } = await post('/v1/completions', { model: 'tiny', prompt: 'hi', guided_json: unsure })
    expect([status, body.error.message]).toEqual([400, expect.stringContaining("'uniqueItems' at #/properties/a")])
  })

  it('give a text that the pattern matches as a whole', async () => {
    expect(await contentOf({ guided_regex: String.raw`\d{3}` }, ' 123\nThat is it.')).toBe('123')
    expect(await contentOf({ structured_outputs: { regex: 'a+' } }, 'aab', 'aa')).toBe('aa')
    expect(await contentOf({ guided_regex: '(' }, 'x')).toEqual([400, 'invalid_request'])
    expect(await contentOf({ guided_choice: 'x' }, 'x')).toEqual([400, 'invalid_value'])
  })
})
