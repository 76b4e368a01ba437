import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../platform/__fixtures__/manual-clock.ts'
import { sayWords } from './__fixtures__/scripted-inference.ts'
import { startTestApi, TEST_STATE, type TestApi } from './__fixtures__/start-test-api.ts'

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const OLLAMA = '/api/chat'
const hi = [{ role: 'user', content: 'hi' }]

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

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

  it('return each API’s errors in its own shape, for every status', async () => {
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
          request_id: expect.any(String),
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
      '/ollama/chat/completions',
      '/v1/engines/tiny/chat/completions',
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
  const statusFor = (headers: Record<string, string>, method = 'GET', path = '/v1/models'): Promise<number> =>
    new Promise((resolve, reject) => {
      request(api.url + path, { method, headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .once('error', reject)
        .end()
    })

  it('is any name of this machine, and pages of its programs', async () => {
    for (const host of [
      'host.docker.internal:1',
      'host.containers.internal',
      '0.0.0.0:8080',
      'x.localhost',
      'localhost.',
      '[::ffff:127.0.0.1]:1',
      'host.orb.internal',
      'host.rancher-desktop.internal:8080',
      'kubernetes.docker.internal',
      '127.1:80',
      '0',
      '2130706433',
      'LOCALHOST',
    ])
      expect(await statusFor({ host }), host).toBe(200)
    for (const origin of ['app://obsidian.md', 'vscode-webview://x', 'chrome-extension://x', 'tauri://localhost'])
      expect(await statusFor({ origin, 'access-control-request-method': 'POST' }, 'OPTIONS'), origin).toBe(204)
    for (const origin of ['http://tauri.localhost', 'https://app.localhost:3', 'http://0.0.0.0:8080', 'file://', 'some-app://x'])
      for (const path of ['/v1/models', '/api/chat', '/ollama/api/tags']) {
        expect(await statusFor({ origin, 'access-control-request-method': 'POST' }, 'OPTIONS', path), `${origin} ${path}`).toBe(204)
        expect(await statusFor({ origin, 'access-control-request-method': 'POST' }, 'OPTIONS', '/place_instance'), origin).toBe(403)
      }
    for (const origin of ['null', 'https://localhost.evil.example', 'http://xlocalhost', 'data:text/html,x', 'ftp://x', 'evil.example'])
      expect(await statusFor({ origin, 'access-control-request-method': 'POST' }, 'OPTIONS'), origin).toBe(403)
    for (const host of ['evil.internal', 'host.evil.example.internal', '1.2.3.4', 'host.docker.internal.evil.example', 'evil.example'])
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

describe('A20 G07 an unload of a model at work', () => {
  const state = (running: number): typeof TEST_STATE => ({
    ...TEST_STATE,
    instances: Object.fromEntries(Object.entries(TEST_STATE.instances).map(([id, instance]) => [id, { ...instance, running }])),
  })

  it.each([
    ['waits for its answers', 10_000, []],
    ['comes as soon as they have ended', 1_000, ['instance-1']],
  ])('%s', async (_, workMs, deleted) => {
    await api.close()
    const clock = new ManualClock()
    const deletedInstances: string[] = []
    const cluster = {
      state: () => state(clock.now() < workMs ? 1 : 0),
      deleteInstance: async (id: string) => void deletedInstances.push(id),
    }
    api = await startTestApi(sayWords(['fine']), {}, cluster, {}, clock)
    let isAnswered = false
    const answer = api.post('/api/generate', { model: 'tiny', keep_alive: 0 }).finally(() => (isAnswered = true))
    await expect.poll(() => clock.advance(100).then(() => isAnswered), { timeout: 20_000, interval: 1 }).toBe(true)
    expect([(await answer).body.done_reason, deletedInstances, api.keeps]).toEqual(['unload', deleted, [['org/tiny', 0]]])
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
