import { startTestApi } from '../main/api/__fixtures__/start-test-api.ts'
import { sayWords } from '../main/api/__fixtures__/scripted-inference.ts'
import { bodyRoutes } from '../main/api/bodies/body-routes.ts'
import type { FuzzTarget } from './fuzz-target.ts'

/** An input consists of a route in the first line and a body in the others. */
const routes = [...bodyRoutes().keys()]
const input = (path: string, body: unknown): string => `${path}\n${JSON.stringify(body)}`
const tool = {
  type: 'function',
  function: { name: 'f', description: 'd', parameters: { type: 'object', properties: { a: { type: 'string' } } } },
}
const chat = {
  model: 'tiny',
  stream: false,
  n: 1,
  seed: 7,
  temperature: 0.5,
  top_p: 1,
  max_completion_tokens: 5,
  stop: ['x'],
  logprobs: true,
  top_logprobs: 2,
  logit_bias: { '5': -100 },
  tools: [tool],
  tool_choice: 'auto',
  response_format: { type: 'text' },
  stream_options: { include_usage: true },
  messages: [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: [{ type: 'text', text: 'hello' }] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: '2' },
  ],
}
const seeds = [
  input('/v1/chat/completions', chat),
  input('/v1/chat/completions', { ...chat, stream: true }),
  input('/v1/completions', { model: 'tiny', prompt: ['a', 'b'], echo: true, logprobs: 1, max_tokens: 3, suffix: null }),
  input('/v1/completions', { model: 'tiny', prompt: [[1, 2], [3]], n: 2 }),
  input('/v1/responses', {
    model: 'tiny',
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'x' }] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'y' },
    ],
    instructions: 'i',
    tools: [{ type: 'function', name: 'f', parameters: {} }],
    reasoning: { effort: 'low' },
  }),
  input('/v1/messages', {
    model: 'tiny',
    max_tokens: 5,
    system: [{ type: 'text', text: 's' }],
    thinking: { type: 'enabled', budget_tokens: 1024 },
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'r' }] },
    ],
  }),
  input('/v1/trifurcated', { model: 'tiny', validator_model: 'tiny', messages: [{ role: 'user', content: 'x' }] }),
  input('/ollama/api/chat', {
    model: 'tiny',
    stream: false,
    keep_alive: '5m',
    format: '',
    options: { num_predict: 3, temperature: 0, stop: ['a'] },
    messages: [{ role: 'user', content: 'x', images: [] }],
  }),
  input('/ollama/api/generate', { model: 'tiny', prompt: 'x', raw: true, think: false, options: {} }),
  input('/settings', { port: 8080, maxMemoryBytes: 100, modelCacheDir: '/x' }),
  input('/place_instance', { model: 'tiny', min_nodes: 1 }),
  input('/cluster/join', { clusterName: 'home', key: 'a long enough key' }),
  input('/history/sql', { sql: 'SELECT 1' }),
  input('/tokens', { name: 'a', rights: 'admin' }),
  ...routes.map((path) => input(path, { model: 'tiny' })),
]

const { url } = await startTestApi(sayWords(['a', ' b']), { bodyLimitBytes: 1 << 20 })
await fetch(`${url}/healthz`)

export default {
  seeds,
  words: [
    ...routes.map((path) => `${path}\n`),
    '"model"',
    '"messages":[',
    '"role":"tool"',
    '"content":[{"type":"text","text":',
    '"stream":true',
    '"n":128',
    '"tools":[',
    '"prompt":[',
    '"logit_bias":{',
    '"type":"image_url"',
    '"stop":',
    '"input":',
    '18446744073709551615',
    '"seed":',
  ],
  async run(bytes) {
    const end = bytes.indexOf('\n')
    const named = bytes.toString('latin1', 0, Math.max(0, end))
    const path = routes.includes(named) ? named : (routes[bytes.length % routes.length] ?? '/')
    const response = await fetch(url + path.replace(/:\w+/g, 'x'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array(bytes.subarray(end + 1)),
    })
    const answer = await response.text()
    if (response.status === 500) throw new Error(`500: ${answer.slice(0, 300)}`)
    if (response.status >= 400 && !answer.includes('"error"'))
      throw new Error(`${response.status} without the shape of an error: ${answer.slice(0, 300)}`)
  },
} satisfies FuzzTarget
