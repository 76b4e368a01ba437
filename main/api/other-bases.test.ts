import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'

const hi = [{ role: 'user', content: 'hi' }]
const chat = { model: 'tiny', max_tokens: 3, messages: hi }

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['one', ' two']))
})
afterEach(() => api.close())

describe('A36 bases of other providers, and whole addresses that were entered as the base', () => {
  it.each([
    ['/v1beta/openai/chat/completions', chat],
    ['/inference/v1/chat/completions', chat],
    ['/compatible-mode/v1/chat/completions', chat],
    ['/api/paas/v4/chat/completions', chat],
    ['/v1/openai/chat/completions', chat],
    ['/V1/Chat/Completions', chat],
    ['/v1/chat/completions/chat/completions', chat],
    ['/v1/chat/completions/v1/chat/completions/', chat],
    ['/v1/messages/v1/messages', chat],
    ['/v1/messages/messages?beta=true', chat],
    ['/anthropic/messages', chat],
    ['/api/anthropic/v1/messages/count_tokens', chat],
    ['/openai/v1/v1/responses', { model: 'tiny', input: 'hi' }],
    ['/v1/responses/v1/responses', { model: 'tiny', input: 'hi' }],
    ['/inference/v1/completions', { model: 'tiny', prompt: 'hi' }],
  ])('POST %s', async (path, body) => {
    expect((await api.post(path, body)).status).toBe(200)
  })

  it.each(['/v1/chat/completions/models', '/v1/messages/v1/models', '/V1/models'])('GET %s', async (path) => {
    expect((await api.get(path)).body.data[0].id).toBe('org/tiny')
  })

  it('a chat of the dashboard is not a message of Anthropic', async () => {
    expect((await api.post('/chats/none/messages', chat)).status).toBe(404)
    expect((await api.get('/v1/responses/resp_none/input_items')).body.error.code).not.toBe('unknown_route')
  })
})

it.each(['/livez', '/readyz', '/health/liveliness', '/v1/health/ready', '/api/health'])('1.8 %s says that the node is up', async (path) => {
  expect((await api.get(path)).body).toEqual({ status: 'ok' })
})

it.each(['DEFAULT', 'haiku', 'opus', 'text-davinci-003', 'davinci-002'])('1.16 the only loaded model answers for %s', async (model) => {
  const answer = await api.post('/v1/chat/completions', { ...chat, model })
  expect([answer.status, answer.headers.get('x-exo-model')]).toEqual([200, 'org/tiny'])
})

describe('A27 values of one route in another', () => {
  const asked = async (path: string, fields: Record<string, unknown>): Promise<[number, unknown]> => {
    const { status } = await api.post(path, { ...chat, prompt: 'hi', stream: false, ...fields })
    return [status, api.inference.requests.at(-1)]
  }

  it.each([
    [0, null],
    [3, 3],
  ])('the number of logprobs %d in a chat', async (logprobs, kept) => {
    const [status, sent] = await asked('/v1/chat/completions', { logprobs })
    expect([status, (sent as { topLogprobs: number | null }).topLogprobs]).toEqual([200, kept])
  })

  it('the switch of logprobs in a completion', async () => {
    expect((await asked('/v1/completions', { logprobs: false }))[0]).toBe(200)
    expect((await asked('/v1/completions', { logprobs: true }))[0]).toBe(200)
  })

  it('A31 a refusal in the history has its words', async () => {
    const messages = [...hi, { role: 'assistant', content: null, refusal: 'I cannot.' }, ...hi]
    expect((await asked('/v1/chat/completions', { messages }))[0]).toBe(200)
    expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ messages: [{}, { content: 'I cannot.' }, {}] })
  })

  it.each(['/v1/chat/completions', '/v1/responses', '/v1/messages', '/api/chat'])('%s refuses tools that are no list', async (path) => {
    const body = path === '/v1/responses' ? { model: 'tiny', input: 'hi' } : { ...chat, stream: false }
    const statusOf = async (tools: unknown): Promise<number> => (await api.post(path, { ...body, tools })).status
    for (const tools of ['weather', { name: 'weather' }, 5]) expect(await statusOf(tools), String(tools)).toBe(400)
    for (const tools of [null, '', {}, []]) expect(await statusOf(tools), String(tools)).toBe(200)
  })

  it('a bias written as text', async () => {
    expect(await asked('/v1/chat/completions', { logit_bias: { 5: '-1.5' } })).toEqual([
      200,
      expect.objectContaining({ logitBias: [[5, -1.5]] }),
    ])
    expect((await asked('/v1/chat/completions', { logit_bias: { 5: 'much' } }))[0]).toBe(400)
  })

  it('an item of a type that is not known yet is left out, and one without the name of a type refused', async () => {
    const input = (type: string): object => ({ model: 'tiny', input: [...hi, { type, id: 'x' }] })
    expect((await api.post('/v1/responses', input('brand_new_call'))).status).toBe(200)
    for (const path of ['/v1/responses', '/v1/conversations'])
      expect((await api.post(path, { ...input('AAA'), items: [{ type: 'AAA', call_id: 'c' }] })).status, path).toBe(400)
    for (const type of ['AAA', '', 5, {}])
      expect((await api.post('/v1/conversations', { items: [{ type, role: 'user', content: 'x' }] })).status, String(type)).toBe(400)
  })

  it('a part of a type that is not known yet is a placeholder in a conversation, and one without the name of a type refused', async () => {
    const add = (part: unknown) => api.post('/v1/conversations', { items: [{ type: 'message', role: 'user', content: [part] }] })
    const accepted = [
      { type: 'AAA', text: null },
      { type: 'input_image', image_url: 'x' },
      { type: null, text: 'x' },
      { text: null },
      'x',
      null,
    ]
    for (const part of accepted) expect((await add(part)).status, JSON.stringify(part)).toBe(200)
    const refused = [
      { type: 5, text: 'x' },
      { type: {} },
      { type: ['text'], text: 'x' },
      { type: 'text', text: 5 },
      { text: [] },
      {},
      5,
      true,
      [],
    ]
    for (const part of refused) expect((await add(part)).status, JSON.stringify(part)).toBe(400)
  })

  it('a switch written as text over Ollama, and its older name of the model', async () => {
    const body = { ...chat, stream: 'false' }
    expect((await api.post('/api/chat', body)).body.done).toBe(true)
    expect((await api.post('/api/chat', { ...body, model: null, name: 'tiny' })).status).toBe(200)
  })

  it.each(['environment', 'tool_result', 'tool_response'])('a result with the role %s', async (role) => {
    const messages = [
      ...hi,
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
      { role, content: '5' },
    ]
    expect((await asked('/v1/chat/completions', { messages }))[0]).toBe(200)
    expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ messages: [{}, {}, { role: 'tool', content: '5' }] })
  })
})
