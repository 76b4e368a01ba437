import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { request } from 'node:http'
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
          { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
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
      'A30 every field as null or neutral',
      CHAT,
      {
        messages: hi,
        max_tokens: null,
        stop: null,
        n: null,
        stream_options: null,
        tools: null,
        function_call: null,
        functions: null,
        logit_bias: null,
        temperature: null,
        seed: null,
        response_format: null,
        tool_choice: null,
        metadata: {},
        store: true,
        service_tier: 'auto',
        prediction: { type: 'content', content: 'x' },
        parallel_tool_calls: true,
        prompt_cache_key: 'x',
        extra_body: {},
      },
    ],
    [
      'A30 fields of newer clients',
      CHAT,
      {
        messages: hi,
        safety_identifier: 'u',
        prompt_cache_retention: '24h',
        service_tier: 'flex',
        modalities: ['text'],
        best_of: 1,
        logprobs: false,
        top_logprobs: 0,
        logit_bias: {},
      },
    ],
    [
      'A30 a completion of nulls',
      '/v1/completions',
      {
        prompt: 'hi',
        max_tokens: null,
        suffix: null,
        n: null,
        best_of: null,
        echo: null,
        logprobs: null,
        stop: null,
        user: null,
        logit_bias: null,
        stream: null,
      },
    ],
    [
      'A31 parts, developer and empty messages',
      CHAT,
      {
        messages: [
          { role: 'developer', content: 'd' },
          { role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] },
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'ok' }] },
          { role: 'assistant', content: '' },
          { role: 'user', content: 'b' },
        ],
      },
    ],
    [
      'A32 schemas with references',
      CHAT,
      {
        messages: hi,
        tools: [
          {
            type: 'function',
            function: {
              name: 'f',
              strict: true,
              parameters: {
                type: 'object',
                properties: { a: { $ref: '#/$defs/x' }, b: { type: ['number', 'null'] } },
                $defs: { x: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
              },
            },
          },
        ],
      },
    ],
    [
      'A33 bodies of Claude Code',
      `${MESSAGES}?beta=true`,
      {
        max_tokens: 10,
        system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
        thinking: { type: 'adaptive' },
        context_management: { edits: [] },
        output_config: { effort: 'high' },
        metadata: { user_id: 'u' },
        messages: [
          ...hi,
          {
            role: 'assistant',
            content: [
              { type: 'redacted_thinking', data: 'x' },
              { type: 'text', text: 'y' },
            ],
          },
          ...hi,
        ],
      },
    ],
    [
      'A34 bodies of Codex',
      RESPONSES,
      {
        input: [
          { type: 'reasoning', id: 'rs', summary: [], encrypted_content: null },
          { role: 'user', content: [{ type: 'input_text', text: 'x' }] },
        ],
        store: false,
        include: ['reasoning.encrypted_content'],
        text: { verbosity: 'low' },
        reasoning: { effort: 'high', summary: 'auto' },
        prompt_cache_key: 'k',
        client_metadata: { a: 'b' },
        stream: true,
      },
    ],
    [
      'A35 all options of Ollama',
      OLLAMA,
      {
        stream: false,
        messages: [{ role: 'user', content: 'hi', images: null }],
        format: '',
        keep_alive: '5m',
        options: { num_ctx: 8192, num_gpu: -1, repeat_last_n: 64, mirostat: 0, tfs_z: 1.0, typical_p: 1.0, num_keep: 0 },
      },
    ],
    ['G06 more tokens than the context holds', CHAT, { messages: hi, max_tokens: 1_000_000 }],
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
    ['A30 a name that is none', CHAT, { messages: [{ role: 'user', name: 5, content: 'x' }] }],
    ['A30 an empty draft model', CHAT, { messages: hi, draft_model: '' }],
    ['A03 formats that ask for nothing', CHAT, { messages: hi, response_format: 'text' }],
    ['A03 a format without a type', CHAT, { messages: hi, response_format: { type: null } }],
    [
      'A27 a bias as llama.cpp writes it',
      CHAT,
      {
        messages: hi,
        logit_bias: [
          [5, false],
          [7, 1.5],
        ],
      },
    ],
    ['A14 one item for a list', RESPONSES, { input: { role: 'user', content: 'x' }, previous_response_id: '' }],
    ['A17 one stop sequence', MESSAGES, { max_tokens: 5, messages: hi, stop_sequences: 'x' }],
    [
      'A23 servers of tools',
      MESSAGES,
      { max_tokens: 5, messages: hi, mcp_servers: [{ type: 'url', url: 'https://x', name: 'y' }], container: 'c' },
    ],
    ['A27 forms that ask for nothing', CHAT, { messages: hi, guided_grammar: '', structured_outputs: {}, guided_choice: null }],
    ['A27 verbosity', CHAT, { messages: hi, verbosity: 'low' }],
    [
      'A27 empty search options, a bias of nothing, a number for a user',
      CHAT,
      { messages: hi, web_search_options: {}, logit_bias: [], user: 123, temperature: 2.5 },
    ],
    [
      'A27 numbers in metadata, truncation, a list of instructions',
      RESPONSES,
      { input: 'hi', metadata: { a: 1 }, truncation: 'auto', instructions: [{ role: 'developer', content: 'Be brief.' }] },
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

describe('A18 compressed bodies', () => {
  const plain = Buffer.from(JSON.stringify({ model: 'tiny', messages: hi }))
  const send = async (encoding: string, body: Buffer): Promise<number> =>
    (
      await fetch(api.url + CHAT, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        body: new Uint8Array(body),
      })
    ).status

  it('are decoded, and bounded once they are', async () => {
    expect(
      await Promise.all([
        send('gzip', gzipSync(plain)),
        send('deflate', deflateSync(plain)),
        send('br', brotliCompressSync(plain)),
        send('zstd', zstdCompressSync(plain)),
      ]),
    ).toEqual([200, 200, 200, 200])
    expect(await send('gzip', gzipSync(Buffer.alloc(64 * 2 ** 20, 32)))).toBe(413)
    expect(await send('gzip', plain)).toBe(400)
    expect(await send('snappy', plain)).toBe(415)
  })
})

describe('addresses', () => {
  it('A36 HEAD and slashes at the end are taken, also of names with slashes', async () => {
    for (const path of ['/', '/v1/models', '/v1/models/', '/api/tags', '/ollama', '/healthz'])
      expect((await fetch(api.url + path, { method: 'HEAD' })).status, path).toBe(200)
    for (const path of ['/v1/models/org/tiny', '/v1/models/org%2Ftiny', '/v1/models/org/tiny/', '/v1/models/tiny'])
      expect((await api.get(path)).body.id, path).toBe('org/tiny')
    expect((await api.post('/v1/chat/completions/', { model: 'tiny', messages: hi })).status).toBe(200)
  })

  it('tell each API’s errors in its own shape, whatever the status', async () => {
    const send = async (path: string, method: string, headers: Record<string, string>, body?: string): Promise<[number, unknown]> => {
      const answer = await fetch(api.url + path, { method, headers, ...(body === undefined ? {} : { body }) })
      return [answer.status, await answer.json()]
    }
    const shapes = [
      [CHAT, { error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: expect.any(String) } }],
      [
        MESSAGES,
        {
          type: 'error',
          error: expect.objectContaining({ type: expect.stringMatching(/_error$|request_too_large/), message: expect.any(String) }),
        },
      ],
      ['/api/chat', { error: expect.any(String) }],
    ] as const
    for (const [path, shape] of shapes) {
      expect(await send(path, 'PUT', {}), path).toEqual([405, shape])
      expect(await send(path, 'POST', { 'content-type': 'application/xml' }, '<a/>'), path).toEqual([415, shape])
      expect(await send(path, 'POST', { 'content-type': 'application/json' }, '{'), path).toEqual([400, shape])
      expect(await send(path, 'POST', { 'content-type': 'application/json' }, ' '.repeat(17 * 2 ** 20)), path).toEqual([413, shape])
    }
  })

  it('A05 A36 Ollama is at the root too, and /v1 below it', async () => {
    const statuses = await Promise.all(
      [
        '/api/tags',
        '/ollama/api/tags',
        '/api/version',
        '/ollama/v1/models',
        '/health',
        '/healthz',
        '/',
        '/v1',
        '/v1/',
        '//v1//models',
        '/v1/v1/models',
        '/openai/v1/models',
        '/api/v1/models',
        '/api/v0/models',
        '/api/openai/v1/models',
        '/api/api/tags',
        '/ping',
        '/version',
        '/v1/health',
      ].map(async (path) => (await api.get(path)).status),
    )
    expect(statuses).toEqual(statuses.map(() => 200))
    for (const path of [
      '/chat/completions',
      '/v1//chat/completions',
      '/v1/v1/chat/completions',
      '/ollama/v1/chat/completions',
      '/openai/v1/chat/completions',
      '/api/v1/chat/completions',
      '/openai/deployments/tiny/chat/completions?api-version=2024-10-21',
    ])
      expect((await api.post(path, { model: 'tiny', messages: hi })).status, path).toBe(200)
  })

  it('say what they take where a client asks with OPTIONS', async () => {
    const answer = await fetch(api.url + CHAT, { method: 'OPTIONS' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST'])
    expect((await fetch(`${api.url}/v1/none`, { method: 'OPTIONS' })).status).toBe(404)
    expect((await api.post('/anthropic/v1/messages', { model: 'tiny', max_tokens: 3, messages: hi })).body.type).toBe('message')
  })

  it('unknown ones name those near, in the shape of their API', async () => {
    expect((await api.post('/v1/chat/completion', {})).body.error.message).toContain('/v1/chat/completions')
    expect((await api.post('/api/none', {})).body).toEqual({ error: expect.any(String) })
    expect((await api.post('/v1/messages/none', {})).body).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
  })
})

describe('A06 A13 A29 lists of models', () => {
  it('have what typed clients need', async () => {
    const { body } = await api.get('/v1/models')
    expect(body.data[0]).toMatchObject({
      id: 'org/tiny',
      context_length: 2048,
      max_model_len: 2048,
      context_window: 2048,
      type: 'model',
      display_name: 'tiny',
      max_input_tokens: 2048,
      state: 'loaded',
    })
    expect(body.models[0]).toMatchObject({ slug: 'org/tiny', context_window: 2048 })
    expect(body).toMatchObject({ has_more: false, first_id: 'org/tiny' })
    expect((await api.get('/api/tags')).body.models[0].modified_at).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect((await api.get('/api/ps')).body.models[0]).toMatchObject({ expires_at: expect.any(String), context_length: 2048 })
    expect((await api.post('/api/show', { model: 'tiny' })).body).toMatchObject({
      template: expect.any(String),
      modelfile: expect.any(String),
      parameters: expect.any(String),
      modified_at: expect.any(String),
    })
  })
})

describe('A07 A08 who may call', () => {
  const statusFor = (headers: Record<string, string>, method = 'GET'): Promise<number> =>
    new Promise((resolve, reject) => {
      request(api.url + '/v1/models', { method, headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .once('error', reject)
        .end()
    })

  it('is whoever names this machine, and pages of its programs', async () => {
    for (const host of [
      'host.docker.internal:1',
      'host.containers.internal',
      '0.0.0.0:8080',
      'x.localhost',
      'localhost.',
      '[::ffff:127.0.0.1]:1',
    ])
      expect(await statusFor({ host }), host).toBe(200)
    for (const origin of ['app://obsidian.md', 'vscode-webview://x', 'chrome-extension://x', 'tauri://localhost'])
      expect(await statusFor({ origin, 'access-control-request-method': 'POST' }, 'OPTIONS'), origin).toBe(204)
    for (const host of ['evil.internal', 'host.docker.internal.evil.example', 'evil.example'])
      expect(await statusFor({ host }), host).toBe(403)
  })
})

describe('A20 Ollama’s load and unload', () => {
  it('never place another copy, and 0 unloads', async () => {
    expect((await api.post('/api/generate', { model: 'org/tiny' })).body.done_reason).toBe('load')
    expect((await api.post('/api/generate', { model: 'tiny', keep_alive: 0 })).body.done_reason).toBe('unload')
    expect((await api.post(OLLAMA, { model: 'tiny', messages: [], keep_alive: '0s' })).body.done_reason).toBe('unload')
    expect(api.deletedInstances).toEqual(['instance-1', 'instance-1'])
    const { status, body } = await api.post('/api/push', { model: 'tiny' })
    expect([status, typeof body.error]).toEqual([400, 'string'])
  })
})

describe('A16 names', () => {
  it('of the cloud go to the only model that is loaded, and the user’s to the one that they name', async () => {
    for (const [path, model, fields] of [
      [CHAT, 'gpt-4o', { messages: hi }],
      [MESSAGES, 'claude-sonnet-4-5', { max_tokens: 5, messages: hi }],
      [RESPONSES, 'o3', { input: 'hi' }],
      [OLLAMA, 'gemini-2.5-pro', { messages: hi, stream: false }],
      [CHAT, 'mine', { messages: hi }],
      [CHAT, 'ollama/tiny', { messages: hi }],
      [CHAT, 'openai/default', { messages: hi }],
    ] as const) {
      const { status, headers } = await api.post(path, { model, ...fields })
      expect([status, headers.get('x-exo-model')], model).toEqual([200, 'org/tiny'])
      expect(api.inference.requests.at(-1)?.model, model).toBe('org/tiny')
    }
    expect((await api.post(CHAT, { model: 'gpt-4o', messages: hi })).body.model).toBe('org/org/tiny')
    expect(api.logged.some((line) => line.includes('another model answers in place of the requested one') && line.includes('gpt-4o'))).toBe(
      true,
    )
  })

  it.each([true, false])(
    'default is the only model that is loaded where the default model is not here (cloud names: %s)',
    async (cloudNames) => {
      await api.close()
      api = await startTestApi(sayWords(['fine']), { cloudNames })
      for (const [path, fields] of [
        [CHAT, { messages: hi }],
        [MESSAGES, { max_tokens: 5, messages: hi }],
        [RESPONSES, { input: 'hi' }],
        [OLLAMA, { messages: hi, stream: false }],
      ] as const) {
        const { status, headers } = await api.post(path, { model: 'default', ...fields })
        expect([status, headers.get('x-exo-model'), api.inference.requests.at(-1)?.model]).toEqual([200, 'org/tiny', 'org/tiny'])
      }
    },
  )

  it('that a model here has, that are of none of the cloud, or that a setting leaves alone, stay as they are', async () => {
    for (const model of ['tiny', 'gpt-oss-20b', 'llama3.2', 'defaults']) {
      await api.post(CHAT, { model, messages: hi })
      expect(api.inference.requests.at(-1)?.model).toBe(model)
    }
    await api.close()
    api = await startTestApi(sayWords(['fine']), { cloudNames: false })
    await api.post(CHAT, { model: 'gpt-4o', messages: hi })
    expect(api.inference.requests.at(-1)?.model).toBe('gpt-4o')
  })
})
