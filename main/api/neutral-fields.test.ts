import { afterEach, beforeEach, expect, it } from 'vitest'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const OLLAMA = '/api/chat'
const hi = [{ role: 'user', content: 'hi' }]
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

it.each<[name: string, path: string, body: Record<string, unknown>]>([
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
  ['A30 no model', '/tokenize', { model: null, prompt: 'x' }],
  ['A30 a name that is none', CHAT, { messages: [{ role: 'user', name: 5, content: 'x' }] }],
  ['A30 an empty draft model', CHAT, { messages: hi, draft_model: '' }],
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
])('%s is served', async (_, path, body) => {
  const { status, body: answer } = await api.post(path, { model: 'tiny', ...body })
  expect([status, status === 200 ? '' : JSON.stringify(answer)]).toEqual([200, ''])
})
