import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../shared/app-error.ts'
import { anthropicError } from './anthropic/anthropic-error.ts'
import { toApiError } from './to-api-error.ts'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const OLLAMA = '/api/chat'
const hi = [{ role: 'user', content: 'hi' }]
const fn = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

const promptOf = (): unknown => api.inference.requests.at(-1)?.prompt

describe('public cases that are served', () => {
  it.each<[name: string, path: string, body: Record<string, unknown>]>([
    [
      'A01 tools that a server runs',
      RESPONSES,
      {
        input: 'hi',
        tools: [
          { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
          { type: 'web_search' },
          { type: 'namespace', name: 'mcp', tools: [] },
          { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
        ],
      },
    ],
    [
      'A02 system among messages',
      MESSAGES,
      { max_tokens: 10, messages: [...hi, { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'now' }] },
    ],
    ['A04 an object that says auto', CHAT, { messages: hi, tools: [fn], tool_choice: { type: 'auto' } }],
    ['A04 an empty tool choice', CHAT, { messages: hi, tools: [fn], tool_choice: '' }],
    ['A09 max_tokens of -1', CHAT, { messages: hi, max_tokens: -1 }],
    ['A09 max_completion_tokens of 0', CHAT, { messages: hi, max_completion_tokens: 0 }],
    ['A09 a completion of -1', '/v1/completions', { prompt: 'hi', max_tokens: -1 }],
    ['A09 max_output_tokens of -1', RESPONSES, { input: 'hi', max_output_tokens: -1 }],
    [
      'A10 arguments as an object',
      CHAT,
      {
        messages: [
          ...hi,
          { role: 'assistant', content: null, tool_calls: [{ type: 'function', id: null, function: { name: 'f', arguments: { a: 2 } } }] },
          { role: 'tool', content: '5' },
        ],
      },
    ],
    [
      'A10 arguments as text for Ollama',
      OLLAMA,
      {
        stream: false,
        messages: [
          ...hi,
          { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{"a":2}' } }] },
          { role: 'tool', content: '5' },
        ],
      },
    ],
    [
      'A11 a null result',
      CHAT,
      { messages: [...hi, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c', content: null }] },
    ],
    [
      'A11 an object as output',
      RESPONSES,
      {
        input: [
          { role: 'user', content: 'x' },
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'c', output: { a: 1 } },
        ],
      },
    ],
    ['A01 a tool without a type or name', RESPONSES, { input: 'hi', tools: [{ googleSearch: {} }] }],
    [
      'A02 names of other servers for roles',
      MESSAGES,
      {
        max_tokens: 9,
        messages: [
          { role: 'System', content: 's' },
          { role: 'human', content: 'x' },
        ],
      },
    ],
    ['A04 an empty object as a tool choice', CHAT, { messages: hi, tools: [fn], tool_choice: {} }],
    [
      'A10 arguments of any kind and a free-form call for Ollama',
      OLLAMA,
      {
        stream: false,
        messages: [
          ...hi,
          {
            role: 'assistant',
            tool_calls: [
              ...[[], 5, true].map((args) => ({ function: { name: 'f', arguments: args } })),
              { type: 'custom', custom: { name: 'f', input: 'x' } },
            ],
          },
          { role: 'tool', content: '5' },
        ],
      },
    ],
    ...[5, true, [1, { a: 2 }], { a: 1 }].map((content): [string, string, Record<string, unknown>] => [
      `A11 a result of ${JSON.stringify(content)}`,
      MESSAGES,
      {
        max_tokens: 10,
        messages: [
          ...hi,
          { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content }] },
        ],
      },
    ]),
    ['A12 repeat_penalty', CHAT, { messages: hi, repeat_penalty: 1.1 }],
    [
      'A14 items of other kinds',
      RESPONSES,
      {
        input: [
          { role: 'user', content: 'x' },
          { type: 'custom_tool_call', call_id: 'c', name: 'apply_patch', input: '*** Begin' },
          { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
          { type: 'web_search_call', id: 'w', status: 'completed' },
        ],
      },
    ],
    ['A15 an effort of max', CHAT, { messages: hi, reasoning_effort: 'max' }],
    ['A15 an empty effort', CHAT, { messages: hi, reasoning_effort: '' }],
    ['A15 an effort of max in Responses', RESPONSES, { input: 'hi', reasoning: { effort: 'max' } }],
    ['A15 think max', OLLAMA, { stream: false, messages: hi, think: 'max' }],
    ...[0, 1, '', 'weird', { effort: 'max' }, {}].map((think): [string, string, Record<string, unknown>] => [
      `A15 think ${JSON.stringify(think)}`,
      OLLAMA,
      { stream: false, messages: hi, think },
    ]),
    ['A17 an empty stop', CHAT, { messages: hi, stop: [''] }],
    ['A17 twenty stops', CHAT, { messages: hi, stop: Array.from({ length: 20 }, (_, index) => `s${index}`) }],
    ['A17 an empty stop for Ollama', OLLAMA, { stream: false, messages: hi, options: { stop: [''] } }],
    ['A17 an empty stop sequence', MESSAGES, { max_tokens: 5, messages: hi, stop_sequences: [''] }],
    ['A22 a suffix', '/v1/completions', { prompt: 'def f(', suffix: '\n    return x', max_tokens: 16 }],
    ['A22 an empty suffix', '/v1/completions', { prompt: 'def f(', suffix: '' }],
    [
      'A23 server tools',
      MESSAGES,
      {
        max_tokens: 10,
        messages: hi,
        tools: [
          { name: 'Bash', input_schema: { type: 'object', properties: {} } },
          { type: 'web_search_20250305', name: 'web_search', max_uses: 8 },
        ],
      },
    ],
    [
      'A24 an image in a result',
      MESSAGES,
      {
        max_tokens: 10,
        messages: [
          ...hi,
          { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 't', content: [image, { type: 'tool_reference', tool_name: 'x' }] }],
          },
        ],
      },
    ],
    [
      'A24 an image in an older message',
      CHAT,
      {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }, { role: 'assistant', content: 'a' }, ...hi],
      },
    ],
    [
      'A26 functions',
      CHAT,
      {
        messages: [...hi, { role: 'function', name: 'f', content: '1' }],
        functions: [{ name: 'f', parameters: { type: 'object', properties: {} } }],
        function_call: 'auto',
      },
    ],
    [
      'A26 names of other servers for roles',
      CHAT,
      {
        messages: [
          { role: 'System', content: 's' },
          { role: 'human', content: 'x' },
          { role: 'model', content: 'y' },
          { role: 'ipython', content: 'z' },
          ...hi,
        ],
      },
    ],
    [
      'A26 such names for Ollama',
      OLLAMA,
      {
        stream: false,
        messages: [
          { role: 'control', content: 'thinking' },
          { role: 'User', content: 'x' },
        ],
      },
    ],
    ['A11 a number as a content for Ollama', OLLAMA, { stream: false, messages: [{ role: 'user', content: 5 }] }],
    ['A15 an effort of max in three', '/v1/trifurcated', { messages: hi, reasoning_effort: 'max' }],
    ['A26 such names in Responses', RESPONSES, { input: [{ role: 'human', content: 'x' }] }],
    [
      'A11 a number, a truth value and a list as results',
      CHAT,
      {
        messages: [
          ...hi,
          { role: 'tool', tool_call_id: 'a', content: 5 },
          { role: 'tool', tool_call_id: 'b', content: true },
          { role: 'tool', tool_call_id: 'c', content: [1, { a: 2 }] },
        ],
      },
    ],
    ['A03 formats that ask for nothing', CHAT, { messages: hi, response_format: 'text' }],
    ['A03 a format without a type', CHAT, { messages: hi, response_format: { type: null } }],
    ['A14 one item for a list', RESPONSES, { input: { role: 'user', content: 'x' }, previous_response_id: '' }],
    ['A17 one stop sequence', MESSAGES, { max_tokens: 5, messages: hi, stop_sequences: 'x' }],
    [
      'A24 thoughts in a message of the user',
      MESSAGES,
      {
        max_tokens: 5,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'thinking', thinking: 'x' },
              { type: 'text', text: 'y' },
            ],
          },
        ],
      },
    ],
    [
      'A23 servers of tools',
      MESSAGES,
      { max_tokens: 5, messages: hi, mcp_servers: [{ type: 'url', url: 'https://x', name: 'y' }], container: 'c' },
    ],
  ])('%s', async (_, path, body) => {
    const { status, body: answer } = await api.post(path, { model: 'tiny', ...body })
    expect([status, status === 200 ? '' : JSON.stringify(answer)]).toEqual([200, ''])
  })

  it('A01 offers the functions of a namespace and free-form tools, and nothing else', async () => {
    await api.post(RESPONSES, {
      model: 'tiny',
      input: 'hi',
      tools: [
        { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'g' }] },
        { type: 'custom', name: 'apply_patch' },
        { type: 'web_search' },
      ],
    })
    expect(promptOf()).toMatchObject({ tools: [{ name: 'g' }, { name: 'apply_patch', parameters: { required: ['input'] } }] })
    expect((promptOf() as { tools: unknown[] }).tools).toHaveLength(2)
  })

  it('A02 puts later words of the system where they stand', async () => {
    await api.post(MESSAGES, {
      model: 'tiny',
      max_tokens: 9,
      messages: [...hi, { role: 'system', content: 'Be brief.' }, { role: 'user', content: 'now' }],
    })
    expect(promptOf()).toMatchObject({ messages: [{ role: 'user', content: 'hi\n<system-reminder>\nBe brief.\n</system-reminder>\nnow' }] })
  })

  it('A26 calls roles by their own names, A11 writes values as JSON, A27 rules a token out', async () => {
    const messages = [
      { role: 'Human', content: 'x' },
      { role: 'model', content: 'y' },
      { role: 'ipython', tool_call_id: 'c', content: [1, 2] },
      ...hi,
    ]
    await api.post(CHAT, { model: 'tiny', messages, logit_bias: [[5, false]] })
    expect(promptOf()).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'tool', content: '[1,2]' }, { role: 'user' }],
    })
    expect(api.inference.requests.at(-1)).toMatchObject({ logitBias: [[5, -100]] })
  })

  it('A10 gives a result without an id to the call that waits for one', async () => {
    await api.post(CHAT, {
      model: 'tiny',
      messages: [
        ...hi,
        { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: null } }] },
        { role: 'tool', content: { a: 1 } },
      ],
    })
    expect(promptOf()).toMatchObject({
      messages: [{}, { toolCalls: [{ id: 'call_1', argumentsJson: '{}' }] }, { role: 'tool', toolCallId: 'call_1', content: '{"a":1}' }],
    })
  })

  it('A12 uses the penalty, A15 the nearest effort', async () => {
    await api.post(CHAT, { model: 'tiny', messages: hi, repeat_penalty: 1.3, reasoning_effort: 'max' })
    expect(api.inference.requests.at(-1)).toMatchObject({
      repetitionPenalty: 1.3,
      prompt: { templateVariables: { reasoning_effort: 'xhigh' } },
    })
  })

  it('A22 hands the suffix on', async () => {
    await api.post('/v1/completions', { model: 'tiny', prompt: ['a', 'b'], suffix: 'z' })
    await api.post('/api/generate', { model: 'tiny', prompt: 'a', suffix: 'z', stream: false })
    await api.post('/api/generate', { model: 'tiny', prompt: 'b', suffix: 'z', stream: false })
    expect(api.inference.requests.map(({ prompt }) => prompt)).toEqual(
      ['a', 'b', 'a', 'b'].map((text) => ({ kind: 'text', text, suffix: 'z' })),
    )
  })

  it('A24 refuses an image in the newest message of the user, by name', async () => {
    const { status, body } = await api.post(MESSAGES, { model: 'tiny', max_tokens: 5, messages: [{ role: 'user', content: [image] }] })
    expect([status, body.error.message]).toEqual([400, expect.stringContaining("'image'")])
  })
})

it('a prompt that is too long is told in Anthropic’s words', () => {
  const cause = new AppError('context-exceeded', 'Shorten the prompt.', { promptTokens: 12019, contextTokens: 8192 })
  expect(anthropicError(toApiError(cause)).error.message).toBe('prompt is too long: 12019 tokens > 8192 maximum. Shorten the prompt.')
})
