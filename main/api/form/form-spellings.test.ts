import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inferenceEnd, accepted, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false }
const text = JSON.stringify(schema)
const ebnf = 'root ::= "a" | "b"'
const hi = [{ role: 'user', content: 'hi' }]
const [CHAT, COMPLETIONS, RESPONSES, MESSAGES] = ['/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/messages']
const parameters = schema
const tool = { type: 'function', function: { name: 'f', description: 'd', parameters } }

type Spelling = readonly [title: string, path: string, fields: Record<string, unknown>]

const format = (value: unknown) => ({ response_format: value })
const outputs = (value: unknown) => ({ structured_outputs: value })

const SCHEMAS: readonly Spelling[] = [
  ['chat, json_schema', CHAT, format({ type: 'json_schema', json_schema: { name: 'a', schema } })],
  ['chat, json_schema, strict', CHAT, format({ type: 'json_schema', json_schema: { name: 'a', strict: true, schema } })],
  ['chat, the schema beside its type', CHAT, format({ type: 'json_schema', schema })],
  ['chat, the schema in place of its description', CHAT, format({ type: 'json_schema', json_schema: schema })],
  ['chat, the schema as text', CHAT, format({ type: 'json_schema', json_schema: { name: 'a', schema: text } })],
  ['chat, a format as of Responses', CHAT, { text: { format: { type: 'json_schema', name: 'a', schema } } }],
  ['chat, streamed', CHAT, { stream: true, ...format({ type: 'json_schema', json_schema: { name: 'a', schema } }) }],
  ["chat, llama.cpp's json_object", CHAT, format({ type: 'json_object', schema })],
  ["chat, llama.cpp's json_schema", CHAT, { json_schema: schema }],
  ["chat, SGLang's json_schema as text", CHAT, { json_schema: text }],
  ["chat, TGI's value", CHAT, format({ type: 'json', value: schema })],
  ["chat, TGI's value with a name", CHAT, format({ type: 'json_schema', value: { name: 'a', schema } })],
  ["chat, vLLM's guided_json", CHAT, { guided_json: schema }],
  ["chat, vLLM's guided_json as text", CHAT, { guided_json: text, guided_decoding_backend: 'outlines' }],
  ["chat, vLLM's structured_outputs", CHAT, outputs({ json: schema })],
  ["chat, vLLM's structured_outputs as text", CHAT, outputs({ json: text })],
  ["chat, Ollama's format", CHAT, { format: schema }],
  ['completions, json_schema', COMPLETIONS, { prompt: 'hi', ...format({ type: 'json_schema', json_schema: { name: 'a', schema } }) }],
  ['completions, guided_json', COMPLETIONS, { prompt: 'hi', guided_json: schema }],
  ['Responses', RESPONSES, { input: 'hi', text: { format: { type: 'json_schema', name: 'a', strict: true, schema } } }],
  ['Responses, as of chat', RESPONSES, { input: 'hi', ...format({ type: 'json_schema', json_schema: { name: 'a', schema } }) }],
  ["Anthropic's output_config", MESSAGES, { max_tokens: 99, output_config: { format: { type: 'json_schema', schema } } }],
  ["Anthropic's output_format", MESSAGES, { max_tokens: 99, output_format: { type: 'json_schema', schema } }],
  ["Ollama's chat", '/api/chat', { format: schema }],
  ["Ollama's chat, the schema as text", '/api/chat', { format: text }],
  ["Ollama's generate", '/api/generate', { prompt: 'hi', format: schema }],
  ["llama.cpp's completion", '/completion', { prompt: 'hi', json_schema: schema }],
  ["TGI's generate", '/generate', { inputs: 'hi', parameters: { grammar: { type: 'json', value: schema } } }],
  ["TGI's generate, the schema as text", '/generate', { inputs: 'hi', parameters: { grammar: { type: 'json', value: text } } }],
  ["LM Studio's chat", '/api/v0/chat/completions', format({ type: 'json_schema', json_schema: { name: 'a', strict: 'true', schema } })],
]

const OBJECTS: readonly Spelling[] = [
  ['chat', CHAT, format({ type: 'json_object' })],
  ['chat, as a word', CHAT, format('json_object')],
  ['chat, as of Ollama', CHAT, { format: 'json' }],
  ["vLLM's structured_outputs", CHAT, outputs({ json_object: true })],
  ["vLLM's guided_json_object", CHAT, { guided_json_object: true }],
  ['Responses', RESPONSES, { input: 'hi', text: { format: { type: 'json_object' } } }],
  ['Ollama', '/api/chat', { format: 'json' }],
  ["Ollama's generate", '/api/generate', { prompt: 'hi', format: 'json' }],
  ['completions', COMPLETIONS, { prompt: 'hi', ...format({ type: 'json_object' }) }],
]

const CHOICES: readonly Spelling[] = [
  ["vLLM's guided_choice", CHAT, { guided_choice: ['a', 'b'] }],
  ["vLLM's structured_outputs", CHAT, outputs({ choice: ['a', 'b'] })],
  ['completions', COMPLETIONS, { prompt: 'hi', guided_choice: ['a', 'b'] }],
]

const PATTERNS: readonly Spelling[] = [
  ["vLLM's guided_regex", CHAT, { guided_regex: 'a{2}' }],
  ["vLLM's structured_outputs", CHAT, outputs({ regex: 'a{2}' })],
  ["SGLang's regex", CHAT, { regex: 'a{2}' }],
  ["TGI's format", CHAT, format({ type: 'regex', value: 'a{2}' })],
  ["TGI's generate", '/generate', { inputs: 'hi', parameters: { grammar: { type: 'regex', value: 'a{2}' } } }],
  ['completions', COMPLETIONS, { prompt: 'hi', guided_regex: 'a{2}' }],
]

const GRAMMARS: readonly Spelling[] = [
  ["llama.cpp's grammar", CHAT, { grammar: ebnf }],
  ["vLLM's guided_grammar", CHAT, { guided_grammar: ebnf }],
  ["vLLM's structured_outputs", CHAT, outputs({ grammar: ebnf })],
  ["SGLang's ebnf", CHAT, { ebnf }],
  ['a format', CHAT, format({ type: 'grammar', grammar: ebnf })],
  ["llama.cpp's completion", '/completion', { prompt: 'hi', grammar: ebnf }],
  ['completions', COMPLETIONS, { prompt: 'hi', grammar: ebnf }],
]

const responsesTool = { type: 'function', name: 'f', description: 'd', parameters }
const anthropicTool = { name: 'f', description: 'd', input_schema: parameters }
const CALLS: readonly Spelling[] = [
  ['chat, required', CHAT, { tools: [tool], tool_choice: 'required' }],
  ['chat, any', CHAT, { tools: [tool], tool_choice: 'any' }],
  ['chat, named', CHAT, { tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } }, parallel_tool_calls: true }],
  ['chat, named beside its type', CHAT, { tools: [tool], tool_choice: { type: 'function', name: 'f' } }],
  [
    'chat, allowed',
    CHAT,
    {
      tools: [tool],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] } },
    },
  ],
  ['chat, functions', CHAT, { functions: [tool.function], function_call: { name: 'f' } }],
  ['Responses, required', RESPONSES, { input: 'hi', tools: [responsesTool], tool_choice: 'required' }],
  ['Responses, named', RESPONSES, { input: 'hi', tools: [responsesTool], tool_choice: { type: 'function', name: 'f' } }],
  [
    'Responses, allowed',
    RESPONSES,
    {
      input: 'hi',
      tools: [responsesTool],
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    },
  ],
  ['Anthropic, any', MESSAGES, { max_tokens: 99, tools: [anthropicTool], tool_choice: { type: 'any' } }],
  ['Anthropic, named', MESSAGES, { max_tokens: 99, tools: [anthropicTool], tool_choice: { type: 'tool', name: 'f' } }],
]

describe('one form, in the words of each API', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi(async function* (request) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'a', tokens: [textToken('a', 0)] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'length', stopString: null, completionTokens: 1 }
      yield inferenceEnd(3, 1)
    })
  })
  beforeEach(() => void api.inference.requests.splice(0))
  afterAll(() => api.close())

  const firstRequest = async (path: string, fields: Record<string, unknown>) => {
    const isPrompt = 'prompt' in fields || 'input' in fields || 'inputs' in fields
    const { status, body } = await api.post(path, { model: 'tiny', stream: false, ...(isPrompt ? {} : { messages: hi }), ...fields })
    const [request] = api.inference.requests
    if (!request) throw new Error(`No request was made: ${status} ${JSON.stringify(body)}`)
    return request
  }

  it.each(SCHEMAS)('a schema: %s', async (_, path, fields) => {
    expect((await firstRequest(path, fields)).grammar).toEqual({ kind: 'json-schema', text })
  })
  it.each(OBJECTS)('any object: %s', async (_, path, fields) => {
    expect((await firstRequest(path, fields)).grammar).toEqual({ kind: 'json-schema', text: '{"type":"object"}' })
  })
  it.each(CHOICES)('a choice: %s', async (_, path, fields) => {
    expect((await firstRequest(path, fields)).grammar).toEqual({ kind: 'ebnf', text: 'root ::= "a" | "b"' })
  })
  it.each(PATTERNS)('a pattern: %s', async (_, path, fields) => {
    expect((await firstRequest(path, fields)).grammar).toEqual({ kind: 'regex', text: 'a{2}' })
  })
  it.each(GRAMMARS)('a grammar: %s', async (_, path, fields) => {
    expect((await firstRequest(path, fields)).grammar).toEqual({ kind: 'ebnf', text: ebnf })
  })
  it.each(CALLS)('a call: %s', async (_, path, fields) => {
    const { calls } = await firstRequest(path, fields)
    expect(calls).toMatchObject({ isRequired: true, tools: [{ name: 'f' }] })
    expect(JSON.stringify(calls?.tools)).toContain('"integer"')
  })
})
