import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const OLLAMA = '/api/chat'
const messages = [{ role: 'user', content: 'hi' }]
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const weather = { name: 'weather', description: 'The weather', parameters }
const tools = [{ type: 'function', function: weather }]

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['one']))
})
afterEach(() => api.close())

/** Requests of apps that no test installs, with the fields that each of them adds. */
const REQUESTS: readonly [client: string, path: string, body: Record<string, unknown>][] = [
  ['Home Assistant over Ollama', OLLAMA, { messages, tools, keep_alive: '-1s', options: { num_ctx: 8192 }, think: false, format: null }],
  [
    'Home Assistant over Responses',
    '/v1/responses',
    {
      input: [{ type: 'message', role: 'developer', content: 'Be brief.' }, ...messages],
      tools: [
        { type: 'function', strict: false, ...weather },
        { type: 'web_search', search_context_size: 'medium', user_location: { type: 'approximate', city: 'Oslo', region: '' } },
        { type: 'code_interpreter', container: { type: 'auto' } },
        { type: 'image_generation', model: 'gpt-image-1-mini', output_format: 'png' },
      ],
      max_output_tokens: 3000,
      user: 'abc',
      service_tier: 'auto',
      store: false,
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content', 'web_search_call.action.sources'],
      text: { verbosity: 'medium' },
    },
  ],
  ['Zed over Ollama', OLLAMA, { messages, tools, keep_alive: -1, options: { num_ctx: 4096, num_predict: null, stop: [] }, think: null }],
  ['Zed over LM Studio', CHAT, { messages, max_tokens: -1, stop: null, tools: [], tool_choice: null }],
  ['n8n', CHAT, { messages, top_p: 1, n: 1, max_tokens: -1, logit_bias: null, stop: [], response_format: { type: 'text' }, user: '' }],
  [
    'n8n over Ollama',
    OLLAMA,
    {
      messages,
      options: {
        numa: false,
        num_gpu: -1,
        low_vram: false,
        vocab_only: false,
        penalize_newline: true,
        top_k: -1,
        mirostat: 0,
        f16_kv: true,
      },
      keep_alive: '5m',
    },
  ],
  ['AnythingLLM', OLLAMA, { messages: [{ ...messages[0], images: [] }], keep_alive: 300, options: { use_mlock: true, num_ctx: 1024 } }],
  ['Enchanted', '/api/generate', { prompt: 'hi', images: [], options: {}, context: [], system: '', template: '', raw: null }],
  [
    'Cherry Studio',
    CHAT,
    {
      messages,
      enable_thinking: false,
      thinking: { type: 'disabled' },
      thinking_budget: 100,
      chat_template_kwargs: { enable_thinking: false },
      reasoning_effort: 'auto',
      temperature: null,
      web_search_options: {},
    },
  ],
  [
    'an app for OpenRouter',
    CHAT,
    {
      messages,
      reasoning: { enabled: true, effort: 'high', exclude: false },
      usage: { include: true },
      provider: { order: ['any'] },
      transforms: ['middle-out'],
      include_reasoning: true,
    },
  ],
  [
    'Jan',
    CHAT,
    {
      messages,
      cache_prompt: true,
      n_keep: 0,
      samplers: ['top_k', 'temperature'],
      dynatemp_range: 0,
      xtc_probability: 0,
      typical_p: 1,
      dry_multiplier: 0,
      repeat_last_n: 64,
      timings_per_token: true,
      reasoning_format: 'auto',
      id_slot: -1,
      max_tokens: -1,
    },
  ],
  ['GPT4All', CHAT, { messages, top_k: 40, min_p: 0, repeat_penalty: 1.18, n_batch: 8, repeat_last_n: 64 }],
  ['Spring AI over Ollama', OLLAMA, { messages, format: null, keep_alive: null, tools: [], options: {}, think: null }],
  [
    'Spring AI',
    CHAT,
    { messages: [{ ...messages[0], name: null, tool_call_id: null, tool_calls: null, refusal: null, audio: null }], extra_body: {} },
  ],
  ["Ollama's Go client", OLLAMA, { messages, format: '', options: null, keep_alive: '5m0s', tools: null }],
  ['magentic', CHAT, { messages, tools: [{ type: 'function', function: { ...weather, strict: true } }], parallel_tool_calls: false }],
  ['LibreChat', CHAT, { messages: [{ ...messages[0], name: 'Ann B' }], user: '64a', include_reasoning: true, stop: ['||>'] }],
  ['a title of LibreChat', CHAT, { messages, functions: [weather], temperature: 0.2, presence_penalty: 0 }],
  ['Big-AGI', CHAT, { messages, n: 1, top_p: null, reasoning_effort: 'minimal' }],
  ['Raycast', CHAT, { messages: [{ role: 'system', content: '' }, ...messages], tools, tool_choice: 'auto', stream_options: {} }],
  [
    'goose',
    '/v1/messages',
    {
      messages,
      max_tokens: 100,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      tools: [{ name: 'weather', input_schema: parameters, cache_control: { type: 'ephemeral' } }],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    },
  ],
]

describe('requests of apps', () => {
  it.each(REQUESTS)('%s', async (_, path, body) => {
    const { status, body: answer } = await api.post(path, { model: 'tiny', stream: false, ...body })
    expect([status, JSON.stringify(answer)]).toEqual([200, expect.stringContaining('one')])
    const prompt = api.inference.requests.at(-1)?.prompt
    const isChat = prompt !== undefined && 'messages' in prompt
    expect(isChat ? prompt.messages.at(-1)?.content : prompt).toMatch(/hi/)
  })
})
