import { hostname } from 'node:os'
import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
afterEach(() => api.close())

/** `fetch` sets Host itself; this lets a test choose it. */
const statusFor = (headers: Record<string, string>, path = '/node_id', method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(api.url + path, { method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('error', reject)
    sent.end()
  })

describe('the Host header', () => {
  it('must name this machine when the API listens on loopback', async () => {
    api = await startTestApi(sayWords([]))
    expect(await Promise.all(['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]:5'].map((host) => statusFor({ host })))).toEqual([
      200, 200, 200, 200,
    ])
    expect(
      await Promise.all(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080'].map((host) => statusFor({ host }))),
    ).toEqual([403, 403, 403])
  })
})

it('C4: a page by a name that a network can give to this machine changes nothing and reads nothing', async () => {
  api = await startTestApi(sayWords([]))
  for (const host of ['host.docker.internal:8080', 'gateway.containers.internal', `${hostname()}:8080`, `${hostname()}.local`]) {
    const page = { host, origin: `http://${host}` }
    const paths = ['/settings', '/state', '/chats', '/history', '/dashboard', '/tokens', '/node_id']
    expect([host, ...(await Promise.all(paths.map((path) => statusFor({ host }, path))))]).toEqual([host, ...paths.map(() => 403)])
    const changes = ['/settings', '/place_instance', '/ollama/api/delete', '/v1/chat/completions', '/cluster/leave']
    expect(await Promise.all(changes.map((path) => statusFor(page, path, 'POST')))).toEqual(changes.map(() => 403))
    // Programs in containers.
    expect(await Promise.all(['/v1/models', '/ollama/api/tags', '/healthz'].map((path) => statusFor({ host }, path)))).toEqual([
      200, 200, 200,
    ])
    expect(await statusFor({ host }, '/v1/chat/completions', 'POST')).not.toBe(403)
  }
  await api.close()
  api = await startTestApi(sayWords([]), { allowedHosts: [hostname()] })
  expect(await statusFor({ host: `${hostname()}:8080` })).toBe(200)
})

it('A07: further names that the node answers for', async () => {
  api = await startTestApi(sayWords([]), { allowedHosts: ['Models.example'] })
  expect(await Promise.all(['models.example:443', 'evil.example'].map((host) => statusFor({ host })))).toEqual([200, 403])
})

describe('pages of other origins', () => {
  it('are refused, also where a browser would not ask first', async () => {
    api = await startTestApi(sayWords([]))
    const { port } = new URL(api.url)
    const refused = ['https://evil.example', 'null', 'http://localhost:1']
    expect(await Promise.all(refused.map((origin) => statusFor({ origin }, '/place_instance', 'POST')))).toEqual([403, 403, 403])
    expect(await statusFor({ origin: `http://127.0.0.1:${port}` })).toBe(200)
  })

  it('are let in where an option names them, preflight included', async () => {
    api = await startTestApi(sayWords([]), { allowedOrigins: ['https://chat.example', 'loopback'], apiToken: 'secret' })
    const preflight = await fetch(`${api.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://chat.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    })
    expect([
      preflight.status,
      preflight.headers.get('access-control-allow-origin'),
      preflight.headers.get('access-control-allow-headers'),
    ]).toEqual([204, 'https://chat.example', 'authorization'])
    expect(
      (await api.get('/state', { origin: 'http://localhost:3000', authorization: 'Bearer secret' })).headers.get(
        'access-control-allow-origin',
      ),
    ).toBe('http://localhost:3000')
    expect(await statusFor({ origin: 'https://other.example', authorization: 'Bearer secret' })).toBe(403)
  })

  it('A08: are let in to what clients call where this machine serves them, and to nothing else', async () => {
    api = await startTestApi(sayWords([]))
    const preflight = { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' }
    expect(await Promise.all(['/v1/models', '/api/tags', '/ollama/api/tags'].map((path) => statusFor(preflight, path, 'OPTIONS')))).toEqual(
      [204, 204, 204],
    )
    expect(await Promise.all(['/settings', '/place_instance', '/state'].map((path) => statusFor(preflight, path, 'OPTIONS')))).toEqual([
      403, 403, 403,
    ])
    expect(await statusFor({ origin: 'http://localhost.evil.example' }, '/v1/models')).toBe(403)
  })

  it('C1: are refused where they send no origin, but for links to the dashboard', async () => {
    api = await startTestApi(sayWords([]))
    const crossSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    for (const path of ['/history?since=1', '/trace/last', '/settings', '/state', '/doctor', '/dashboard'])
      expect(await statusFor(crossSite, path), path).toBe(403)
    expect(await statusFor({ ...crossSite, 'sec-fetch-mode': 'navigate' }, '/settings')).toBe(403)
    expect(await statusFor({ ...crossSite, 'sec-fetch-mode': 'navigate' }, '/dashboard')).not.toBe(403)
    expect(await statusFor({ 'sec-fetch-site': 'same-origin' }, '/settings')).toBe(200)
    await api.close()
    api = await startTestApi(sayWords([]), { allowedOrigins: ['https://chat.example'] })
    expect(await statusFor({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'https://chat.example' }, '/settings')).toBe(
      200,
    )
  })

  it('read streams too', async () => {
    api = await startTestApi(sayWords(['a']), { allowedOrigins: ['*'] })
    const { headers } = await api.post('/v1/completions', { model: 'tiny', prompt: 'x', stream: true }, { origin: 'https://chat.example' })
    expect(headers.get('access-control-allow-origin')).toBe('https://chat.example')
  })
})

describe('the API token', () => {
  it('is asked of every route but /healthz', async () => {
    api = await startTestApi(sayWords(['a']), { apiToken: 'secret' })
    const { status, body, headers } = await api.get('/v1/models')
    expect([status, body.error.code, headers.get('www-authenticate')]).toEqual([401, 'invalid_api_key', 'Bearer'])
    expect(await statusFor({ authorization: 'Bearer wrong' })).toBe(401)
    expect(await statusFor({}, '/nothing')).toBe(401)
    expect(await statusFor({}, '/healthz')).toBe(200)
    expect(await statusFor({ authorization: 'Bearer secret' })).toBe(200)
    expect(await statusFor({ 'x-api-key': 'secret' })).toBe(200)
  })
})

describe('request ids', () => {
  it('are the client’s own where they are fit, else made', async () => {
    api = await startTestApi(sayWords(['a']))
    expect((await api.get('/node_id', { 'x-request-id': 'mine-1' })).headers.get('x-request-id')).toBe('mine-1')
    expect((await api.get('/node_id', { 'x-request-id': 'a b' })).headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(
      (await api.post('/v1/completions', { model: 'tiny', prompt: 'x', stream: true }, { 'x-request-id': 'mine-2' })).headers.get(
        'x-request-id',
      ),
    ).toBe('mine-2')
  })
})
