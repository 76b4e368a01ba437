import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../shared/app-error.ts'
import { ErrorBody } from '../shared/wire/api/openai.ts'
import { accepted, sayWords } from './__fixtures__/scripted-inference.ts'
import type { TestApi } from './__fixtures__/start-test-api.ts'
import { startTestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const TEXT = '/v1/completions'
const messages = [{ role: 'user', content: 'hello' }]
const SECRET = 'the user’s secret prompt'

let api: TestApi

describe('bad requests', () => {
  beforeEach(async () => {
    api = await startTestApi(sayWords(['fine']))
  })
  afterEach(async () => {
    expect((await api.post(CHAT, { model: 'tiny', messages })).status).toBe(200) // the node keeps running
    await api.close()
  })

  it.each(['GET /trace/', 'GET /v1/responses/', 'DELETE /models/download/', 'DELETE /tokens/', 'POST /v1/cancel/'])(
    'refuses %s with a name of 2,000 characters, and not as a fault of its own',
    async (route) => {
      const [method, path] = route.split(' ') as [string, string]
      const response = await fetch(`${api.url}${path}${'a'.repeat(2000)}`, { method })
      expect([response.status, ErrorBody.parse(await response.json()).error.code]).toEqual([414, 'url_too_long'])
    },
  )

  it.each<[name: string, path: string, body: unknown, status: number, code: string, param: string | null]>([
    ['broken JSON', CHAT, '{"model": "tiny", ', 400, 'invalid_json', null],
    ['no body', CHAT, '', 400, 'invalid_type', null],
    ['a list for a body', CHAT, [], 400, 'invalid_type', null],
    ['no model', CHAT, { messages }, 400, 'missing_required_parameter', 'model'],
    ['a number for a model', CHAT, { model: 5, messages }, 400, 'invalid_type', 'model'],
    ['no messages', CHAT, { model: 'tiny' }, 400, 'missing_required_parameter', 'messages'],
    ['empty messages', CHAT, { model: 'tiny', messages: [] }, 400, 'invalid_value', 'messages'],
    ['text for messages', CHAT, { model: 'tiny', messages: 'hello' }, 400, 'invalid_type', 'messages'],
    ['a number for content', CHAT, { model: 'tiny', messages: [{ role: 'user', content: 5 }] }, 400, 'invalid_type', 'messages[0].content'],
    ['an unknown role', CHAT, { model: 'tiny', messages: [{ role: 'boss', content: 'x' }] }, 400, 'invalid_value', 'messages[0].role'],
    [
      'an image',
      CHAT,
      { model: 'tiny', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
      400,
      'unsupported_value',
      'messages[0].content[0].type',
    ],
    [
      'a number for text',
      CHAT,
      { model: 'tiny', messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] },
      400,
      'invalid_type',
      'messages[0].content[0].text',
    ],
    ['negative max_tokens', CHAT, { model: 'tiny', messages, max_tokens: -2 }, 400, 'invalid_value', 'max_tokens'],
    ['text for max_tokens', CHAT, { model: 'tiny', messages, max_tokens: 'five' }, 400, 'invalid_type', 'max_tokens'],
    ['half a token', CHAT, { model: 'tiny', messages, max_tokens: 1.5 }, 400, 'invalid_type', 'max_tokens'],
    ['a temperature of 6', CHAT, { model: 'tiny', messages, temperature: 6 }, 400, 'invalid_value', 'temperature'],
    ['a presence penalty below -2', CHAT, { model: 'tiny', messages, presence_penalty: -2.5 }, 400, 'invalid_value', 'presence_penalty'],
    ['a frequency penalty above 2', CHAT, { model: 'tiny', messages, frequency_penalty: 3 }, 400, 'invalid_value', 'frequency_penalty'],
    [
      'a negative repetition penalty',
      CHAT,
      { model: 'tiny', messages, repetition_penalty: -1 },
      400,
      'invalid_value',
      'repetition_penalty',
    ],
    ['text for stream', CHAT, { model: 'tiny', messages, stream: 'yes' }, 400, 'invalid_type', 'stream'],
    ['257 stop strings', CHAT, { model: 'tiny', messages, stop: Array(257).fill('x') }, 400, 'invalid_value', 'stop'],
    ['a number for a stop string', CHAT, { model: 'tiny', messages, stop: ['x', 5] }, 400, 'invalid_type', 'stop[1]'],
    ['C5: an n that no node serves', CHAT, { model: 'tiny', messages, n: 73 }, 400, 'invalid_value', 'n'],
    [
      'C5: JSON of 20,000 levels',
      CHAT,
      `{"model":"tiny","messages":[],"chat_template_kwargs":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
      400,
      'invalid_json',
      null,
    ],
    ['C5: a prototype', CHAT, '{"model":"tiny","messages":[],"chat_template_kwargs":{"__proto__":{"a":1}}}', 400, 'invalid_json', null],
    [
      'C2: a million prompts of no kind',
      TEXT,
      `{"model":"tiny","prompt":[${'1.5,'.repeat(1_000_000)}1.5]}`,
      400,
      'invalid_type',
      'prompt[0]',
    ],
    [
      'C2: many wrong keys',
      TEXT,
      { model: 'tiny', prompt: 'x', logit_bias: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`x${index}`, 1])) },
      400,
      'invalid_value',
      'logit_bias.x0',
    ],
    ['n of 0', CHAT, { model: 'tiny', messages, n: 0 }, 400, 'invalid_value', 'n'],
    ['a seed of half', CHAT, { model: 'tiny', messages, seed: 0.5 }, 400, 'invalid_type', 'seed'],
    [
      'a seed of 65 bits',
      CHAT,
      '{"model":"tiny","messages":[{"role":"user","content":"x"}],"seed":18446744073709551616}',
      400,
      'invalid_value',
      'seed',
    ],
    ['top_logprobs alone', CHAT, { model: 'tiny', messages, top_logprobs: 2 }, 400, 'invalid_value', 'top_logprobs'],
    ['top_logprobs of 21', CHAT, { model: 'tiny', messages, logprobs: true, top_logprobs: 21 }, 400, 'invalid_value', 'top_logprobs'],
    ['words in logit_bias', CHAT, { model: 'tiny', messages, logit_bias: { the: 1 } }, 400, 'invalid_value', 'logit_bias.the'],
    [
      'a JSON schema that is none',
      CHAT,
      { model: 'tiny', messages, response_format: { type: 'json_schema' } },
      400,
      'invalid_value',
      'response_format',
    ],
    [
      'a form that is not known',
      CHAT,
      { model: 'tiny', messages, response_format: { type: 'xml' } },
      400,
      'unsupported_value',
      'response_format',
    ],
    ['a forced tool without tools', CHAT, { model: 'tiny', messages, tool_choice: 'required' }, 400, 'invalid_value', 'tool_choice'],
    ['audio', CHAT, { model: 'tiny', messages, modalities: ['text', 'audio'] }, 400, 'unsupported_value', 'modalities'],
    ['a grammar that is not text', CHAT, { model: 'tiny', messages, grammar: 7 }, 400, 'invalid_value', 'grammar'],
    ['no prompt', TEXT, { model: 'tiny' }, 400, 'missing_required_parameter', 'prompt'],
    ['an empty list of prompts', TEXT, { model: 'tiny', prompt: [] }, 400, 'invalid_value', 'prompt'],
    ['an empty list of token ids', TEXT, { model: 'tiny', prompt: [[1], []] }, 400, 'invalid_value', 'prompt[1]'],
    ['prompts of two kinds', TEXT, { model: 'tiny', prompt: ['a', 1] }, 400, 'invalid_type', 'prompt[1]'],
    ['a negative token id', TEXT, { model: 'tiny', prompt: [1, -2] }, 400, 'invalid_value', 'prompt[1]'],
    ['a suffix of token ids', TEXT, { model: 'tiny', prompt: [1, 2], suffix: 'b' }, 400, 'invalid_value', 'suffix'],
    ['best_of below n', TEXT, { model: 'tiny', prompt: 'a', n: 4, best_of: 3 }, 400, 'invalid_value', 'best_of'],
    ['no text to embed', '/v1/embeddings', { model: 'tiny', input: [] }, 400, 'invalid_value', 'input'],
    ['an empty text to embed', '/v1/embeddings', { model: 'tiny', input: ['x', ''] }, 400, 'invalid_value', 'input[1]'],
    [
      'an unknown form of embeddings',
      '/v1/embeddings',
      { model: 'tiny', input: 'x', encoding_format: 'int8' },
      400,
      'invalid_value',
      'encoding_format',
    ],
    ['an unknown route', '/v1/nothing', {}, 404, 'unknown_route', null],
    ['a GET route by POST', '/v1/models', {}, 405, 'method_not_allowed', null],
    ['an unknown request to cancel', '/v1/cancel/none', {}, 404, 'request_not_found', 'id'],
    ['no model to place', '/place_instance', {}, 400, 'missing_required_parameter', 'model_id'],
    ['an unknown strategy', '/place_instance', { model_id: 'org/tiny', sharding: 'magic' }, 400, 'invalid_value', 'sharding'],
    ['an unknown model to place', '/place_instance', { model_id: 'org/none' }, 404, 'model_not_found', 'model'],
  ])('%s', async (_, path, body, status, code, param) => {
    const answer = await api.post(path, body)
    expect({ status: answer.status, code: answer.body.error?.code, param: answer.body.error?.param }, JSON.stringify(answer.body)).toEqual({
      status,
      code,
      param,
    })
    ErrorBody.parse(answer.body)
  })

  it('GET where only POST goes says which', async () => {
    const { status, headers } = await api.get(CHAT)
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('a route with a parameter does not stand in for the methods that another route lacks', async () => {
    const answer = await fetch(`${api.url}/chats/export`, { method: 'DELETE' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('a body of 20 MB', async () => {
    const { status, body } = await api.post(CHAT, { model: 'tiny', messages: [{ role: 'user', content: 'x'.repeat(20e6) }] })
    expect([status, body.error.code]).toEqual([413, 'request_too_large'])
  })

  it('a body that says to be 20 GB is not waited for', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () =>
        socket.write(`POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000000\r\n\r\n`),
      )
      socket.once('data', (data) => {
        resolve(data.toString())
        socket.destroy()
      })
      socket.once('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
  })

  it('C2: a client that hangs up in its body is no error of the node', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    socket.write(`POST ${CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(api.logged.filter((line) => line.startsWith('request failed'))).toEqual([])
  })

  it('bytes that are no UTF-8', async () => {
    const response = await fetch(api.url + CHAT, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array([0x22, 0xff, 0x22]),
    })
    expect([response.status, ErrorBody.parse(await response.json()).error.code]).toEqual([400, 'invalid_json'])
  })

  it('a body that is no JSON by its content type, unless it is as curl sends it', async () => {
    const body = JSON.stringify({ model: 'tiny', messages })
    const statusOf = async (contentType: string): Promise<number> => (await api.post(CHAT, body, { 'content-type': contentType })).status
    expect(await statusOf('application/xml')).toBe(415)
    expect(await statusOf('multipart/form-data; boundary=x')).toBe(415)
    expect(await statusOf('application/x-www-form-urlencoded')).toBe(200)
    expect(await statusOf('application/json; charset=utf-8')).toBe(200)
    const untyped = await fetch(api.url + CHAT, { method: 'POST', body: Buffer.from(body) })
    expect(untyped.status).toBe(200)
  })
})

describe('failures of the node', () => {
  const failing = (error: Error): Promise<TestApi> =>
    startTestApi(async function* (request) {
      yield accepted(request)
      throw error
    })
  afterEach(() => api.close())

  it.each([
    ['model-not-found', 404, 'model_not_found', 'invalid_request_error'],
    ['model-unsupported', 400, 'model_unsupported', 'invalid_request_error'],
    ['model-damaged', 400, 'model_damaged', 'invalid_request_error'],
    ['invalid-request', 400, 'invalid_request', 'invalid_request_error'],
    ['context-exceeded', 400, 'context_length_exceeded', 'invalid_request_error'],
    ['engine-busy', 429, 'engine_busy', 'rate_limit_error'],
    ['not-enough-memory', 503, 'not_enough_memory', 'server_error'],
    ['instance-failed', 503, 'instance_failed', 'server_error'],
    ['timeout', 503, 'timeout', 'server_error'],
  ] as const)('%s is %d, streamed or not', async (appCode, status, code, type) => {
    api = await failing(new AppError(appCode, 'What to do.'))
    for (const stream of [true, false]) {
      const answer = await api.post(CHAT, { model: 'tiny', messages, stream })
      expect(answer.status).toBe(status)
      expect(answer.body.error).toMatchObject({ code, type, message: 'What to do.' })
      expect(answer.headers.get('retry-after')).toBe(status === 429 || status === 503 ? '1' : null)
    }
  })

  it('a bug tells the client nothing, the log its cause, and neither the prompt', async () => {
    api = await failing(new TypeError('x is not a function'))
    const { status, body } = await api.post(
      CHAT,
      { model: 'tiny', messages: [{ role: 'user', content: SECRET }] },
      { 'x-request-id': 'mine-1' },
    )
    expect([status, body.error.code]).toEqual([500, 'internal_error'])
    expect(body.error.message).not.toContain('function')
    expect(api.logged.some((line) => line.startsWith('request failed') && line.includes('mine-1'))).toBe(true)
    expect(api.logged.join('\n')).not.toContain(SECRET)
  })
})
