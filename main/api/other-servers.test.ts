import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const hi = [{ role: 'user', content: 'hi' }]

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['one', ' two', ' three']))
})
afterEach(() => api.close())

const sent = () => api.inference.requests.at(-1)

describe('requests written for other servers', () => {
  it.each<[name: string, path: string, body: Record<string, unknown>]>([
    ["TGI's name of the limit", CHAT, { messages: hi, max_new_tokens: 2 }],
    ["llama.cpp's name of the limit", CHAT, { messages: hi, n_predict: 2 }],
    ["the Responses API's name of the limit", CHAT, { messages: hi, max_output_tokens: 2 }],
    ['a limit of a chat in a completion', '/v1/completions', { prompt: 'x', max_completion_tokens: 2 }],
    ['a limit of a chat in a response', RESPONSES, { input: 'hi', max_completion_tokens: 2 }],
    ["a completion's limit in a response", RESPONSES, { input: 'hi', max_tokens: 2 }],
  ])('%s limits the answer', async (_, path, body) => {
    expect((await api.post(path, { model: 'tiny', ...body })).status).toBe(200)
    expect(sent()).toMatchObject({ maxTokens: 2 })
  })

  it.each([
    ['by both names', { max_tokens: 3, n_predict: 9 }, 3],
    ['of 0 by another name', { max_new_tokens: 0 }, null],
    ['by the newer name first', { max_completion_tokens: 4, max_new_tokens: 9 }, 4],
  ])('a limit %s', async (_, fields, maxTokens) => {
    await api.post(CHAT, { model: 'tiny', messages: hi, ...fields })
    expect(sent()).toMatchObject({ maxTokens })
  })

  it.each([
    ['in the shape of the Responses API', { id: 'c', name: 'f', arguments: { a: 1 } }],
    ["in LangChain's shape", { id: 'c', name: 'f', args: { a: 1 } }],
    ["in Anthropic's shape", { id: 'c', type: 'tool_use', name: 'f', input: { a: 1 } }],
  ])('calls in the history %s', async (_, call) => {
    for (const path of [CHAT, '/api/chat']) {
      const messages = [...hi, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: 'c', content: '5' }]
      expect((await api.post(path, { model: 'tiny', stream: false, messages })).status).toBe(200)
      expect(sent()?.prompt).toMatchObject({ messages: [{}, { toolCalls: [{ name: 'f', argumentsJson: '{"a":1}' }] }, {}] })
    }
  })

  it("a history in Anthropic's blocks", async () => {
    const messages = [
      ...hi,
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'c', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: 'd', name: 'g', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c', content: [{ type: 'text', text: '5' }] },
          { type: 'tool_result', tool_use_id: 'd', content: '6' },
          { type: 'text', text: 'And now?' },
        ],
      },
    ]
    expect((await api.post(CHAT, { model: 'tiny', messages })).status).toBe(200)
    expect(sent()?.prompt).toMatchObject({
      messages: [
        { content: 'hi' },
        {
          content: 'I look.',
          toolCalls: [
            { id: 'c', name: 'f', argumentsJson: '{"a":1}' },
            { id: 'd', name: 'g', argumentsJson: '{}' },
          ],
        },
        { role: 'tool', toolCallId: 'c', content: '5' },
        { role: 'tool', toolCallId: 'd', content: '6' },
        { role: 'user', content: 'And now?' },
      ],
    })
    expect((await api.post(CHAT, { model: 'tiny', messages: [...messages.slice(0, 2), { role: 'user', content: [] }] })).status).toBe(200)
  })

  it("the deployment in Azure's address names the model, if the body does not", async () => {
    const path = '/openai/deployments/tiny/chat/completions?api-version=2024-10-21'
    expect((await api.post(path, { messages: hi })).status).toBe(200)
    expect(sent()).toMatchObject({ model: 'tiny' })
    expect((await api.post(path.replace('tiny', 'gpt-4o'), { messages: hi })).status).toBe(200)
    const long = [{ role: 'user', content: 'x'.repeat(600_000) }]
    expect((await api.post(path, { messages: long })).status).toBe(200)
    await api.post(path, { model: 'org/other', messages: hi })
    expect(sent()).toMatchObject({ model: 'org/other' })
    expect((await api.post('/openai/deployments/%E0/chat/completions', { messages: hi })).status).toBe(400)
  })

  it("text in the assistants' shape", async () => {
    const content = [{ type: 'text', text: { value: 'hi', annotations: [] } }]
    expect((await api.post(CHAT, { model: 'tiny', messages: [{ role: 'user', content }] })).status).toBe(200)
    expect(sent()?.prompt).toMatchObject({ messages: [{ content: 'hi' }] })
  })

  it('a message of Anthropic without blocks', async () => {
    expect((await api.post('/v1/messages', { model: 'tiny', max_tokens: 3, messages: [{ role: 'user', content: [] }] })).status).toBe(200)
    expect(sent()?.prompt).toMatchObject({ messages: [{ role: 'user', content: '' }] })
  })

  it('options of Ollama that PHP writes as a list', async () => {
    expect((await api.post('/api/chat', { model: 'tiny', messages: hi, stream: false, options: [] })).status).toBe(200)
  })

  it("an image in OpenAI's shape is refused in Ollama's newest message, and left out of an older one", async () => {
    const image = { role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }
    const ask = (messages: unknown[]) => api.post('/api/chat', { model: 'tiny', stream: false, messages })
    expect([(await ask([image])).status, (await ask([image, ...hi])).status]).toEqual([400, 200])
  })

  it.each<[name: string, grammar: unknown]>([
    ['a schema', { type: 'json', value: { type: 'boolean' } }],
    ['a named schema', { type: 'json_schema', value: { name: 'x', schema: { type: 'boolean' } } }],
    ['a pattern', { type: 'regex', value: 'ab?' }],
  ])("TGI's grammar with %s, which is a format of the other routes too", async (_, grammar) => {
    expect((await api.post('/generate', { inputs: 'x', parameters: { grammar } })).status).toBe(200)
    const held = sent()?.grammar
    expect((await api.post('/v1/completions', { model: 'tiny', prompt: 'x', response_format: grammar })).status).toBe(200)
    expect([held === undefined, sent()?.grammar]).toEqual([false, held])
  })

  it('either a conversation or a response to continue from, even if neither exists', async () => {
    const { status, body } = await api.post(RESPONSES, { model: 'tiny', input: 'x', conversation: 'c', previous_response_id: 'r' })
    expect([status, body.error.param]).toEqual([400, 'conversation'])
  })

  it("the loaded model by the name 'default'", async () => {
    expect((await api.get('/v1/models/default')).body).toMatchObject({ id: 'org/tiny' })
  })
})
