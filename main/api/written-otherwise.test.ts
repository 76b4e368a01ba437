import { request } from 'node:http'
import { connect } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const hi = [{ role: 'user', content: 'hi' }]

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

const sent = () => api.inference.requests.at(-1)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const dataUrl = (type: string, text: string): string => `data:${type};base64,${base64(text)}`

describe('A27 settings written as text', () => {
  it.each([
    [CHAT, { messages: hi }],
    ['/v1/completions', { prompt: 'hi' }],
    ['/v1/responses', { input: 'hi' }],
  ])('are read as numbers and switches by %s', async (path, body) => {
    const settings = { temperature: '0.7', top_p: ' 0.5 ', top_k: '5', stream: 'false', max_tokens: '9', min_p: '' }
    expect((await api.post(path, { model: 'tiny', ...body, ...settings })).status).toBe(200)
    expect(sent()).toMatchObject({ temperature: 0.7, topP: 0.5, topK: 5, maxTokens: 9 })
  })

  it('are read by Anthropic’s and Ollama’s routes', async () => {
    await api.post('/v1/messages', { model: 'tiny', messages: hi, max_tokens: '9', temperature: '0.25', stream: 0 })
    expect(sent()).toMatchObject({ temperature: 0.25, maxTokens: 9 })
    const options = { num_predict: '7', temperature: '0', num_ctx: '2048' }
    expect((await api.post('/api/chat', { model: 'tiny', stream: false, messages: hi, options })).status).toBe(200)
    expect(sent()).toMatchObject({ temperature: 0, maxTokens: 7 })
  })

  it.each([{ temperature: 'hot' }, { temperature: '1e3' }, { max_tokens: 'ten' }, { stream: 'yes' }, { top_p: '7' }, { n: {} }])(
    'are refused if they say no number or switch: %j',
    async (setting) => {
      const { status, body } = await api.post(CHAT, { model: 'tiny', messages: hi, ...setting })
      expect([status, body.error.param]).toEqual([400, Object.keys(setting)[0]])
    },
  )

  it('a bias of null is none', async () => {
    expect((await api.post(CHAT, { model: 'tiny', messages: hi, logit_bias: { 5: null, 6: 1 } })).status).toBe(200)
    expect(sent()).toMatchObject({ logitBias: [[6, 1]] })
  })
})

it.each([
  [CHAT, { messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: dataUrl('text/plain', 'grüß') } }] }] }],
  ['/v1/responses', { input: [{ role: 'user', content: [{ type: 'input_file', file_data: dataUrl('text/markdown', 'grüß') }] }] }],
  [
    '/v1/messages',
    {
      max_tokens: 9,
      messages: [
        {
          role: 'user',
          content: [{ type: 'document', source: { type: 'base64', media_type: 'text/csv', data: base64('grüß') } }],
        },
      ],
    },
  ],
])('A24 a file of text is read by %s', async (path, body) => {
  expect((await api.post(path, { model: 'tiny', ...body })).status).toBe(200)
  expect(sent()?.prompt).toMatchObject({ messages: [{ content: 'grüß' }] })
})

it('A24 a file that is no text is refused by name', async () => {
  const part = { type: 'file', file: { file_data: dataUrl('application/pdf', '%PDF') } }
  const { status, body } = await api.post(CHAT, { model: 'tiny', messages: [{ role: 'user', content: [part] }] })
  expect([status, body.error.message]).toEqual([400, expect.stringContaining("'file'")])
})

describe('A36 addresses of other servers', () => {
  it.each([
    ['/openai/deployments/tiny/chat/completions?api-version=2024-10-21', { messages: hi }],
    ['/openai/deployments/org%2Ftiny/chat/completions', { messages: hi }],
    ['/openai/deployments/tiny/completions?api-version=2024-10-21', { prompt: 'x' }],
    ['/openai/responses?api-version=2025-04-01-preview', { model: 'tiny', input: 'x' }],
    ['/openai/v1/chat/completions?api-version=preview', { model: 'tiny', messages: hi }],
    ['/v1/engines/tiny/completions', { prompt: 'x' }],
    ['/engines/tiny/chat/completions', { messages: hi }],
  ])('%s', async (path, body) => {
    expect((await api.post(path, body, { 'api-key': 'x' })).status).toBe(200)
    expect(sent()).toMatchObject({ model: expect.stringMatching(/tiny$/) })
  })

  it('a body of a megabyte is answered by the model of its address', async () => {
    const path = '/openai/deployments/tiny/chat/completions'
    const { status } = await api.post(path, { messages: [{ role: 'user', content: 'x'.repeat(2 ** 20) }] })
    expect([status, sent()?.model]).toEqual([200, 'tiny'])
  })

  it('lists models for Azure and for OpenAI’s first clients', async () => {
    for (const path of ['/openai/models?api-version=2024-10-21', '/v1/engines', '/openai/v1/models'])
      expect((await api.get(path)).body.data[0].id, path).toBe('org/tiny')
  })

  it('the whole address in the request line', async () => {
    const { hostname, port } = new URL(api.url)
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      request({ hostname, port, path: `${api.url}/v1/models` }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(answer).toBe(200)
  })
})

it.each(['', '*/*', 'application/octet-stream', 'application/json, application/json', 'text/json', 'application/x-ndjson'])(
  'A18 a JSON body of the type %j',
  async (type) => {
    const body = Buffer.from(JSON.stringify({ model: 'tiny', messages: hi }))
    expect((await fetch(api.url + CHAT, { method: 'POST', headers: { 'content-type': type }, body })).status).toBe(200)
  },
)

it('A03 a format of the type json', async () => {
  const answer = await api.post(CHAT, { model: 'tiny', messages: hi, response_format: { type: 'json', schema: 5 } })
  expect([answer.status, answer.body.error.param]).toEqual([400, 'response_format'])
})

it('what is no HTTP is answered in the shape of OpenAI’s errors', async () => {
  const { hostname, port } = new URL(api.url)
  const socket = connect(Number(port), hostname)
  socket.end('nonsense\r\n\r\n')
  const [head, body] = (await readText(socket)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 /)
  expect(JSON.parse(body ?? '')).toMatchObject({ error: { type: 'invalid_request_error', param: null, code: 'invalid_http' } })
})

it('names the request as Anthropic does', async () => {
  const { headers, body } = await api.post('/v1/messages', { model: 'tiny' })
  expect(headers.get('request-id')).toBe(headers.get('x-request-id'))
  expect(body.request_id).toBe(headers.get('request-id'))
})
