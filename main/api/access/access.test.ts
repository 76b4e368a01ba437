import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { checkHost } from './check-host.ts'
import { neededRights } from './needed-rights.ts'

let api: TestApi | null = null
afterEach(async () => {
  await api?.close()
  api = null
})

const isTaken = (listenHost: string, authority: string | undefined, machineName = 'Studio-1'): boolean => {
  try {
    checkHost(authority, { listenHost, machineName })
    return true
  } catch {
    return false
  }
}

describe('C4: the Host header where the API listens on a network', () => {
  const ours = [
    undefined,
    '',
    '192.168.1.7:8080',
    '10.0.0.3',
    '[fe80::1]:8080',
    '[2001:db8::7]',
    'studio-1',
    'STUDIO-1.local:8080',
    'studio-1.local.',
    'localhost:8080',
    '127.0.0.1',
    'host.docker.internal:8080',
  ]
  const others = [
    'evil.example:18095',
    'studio-1.evil.example',
    'evil-studio-1.local',
    '192.168.1.7.evil.example',
    '1.2.3',
    '0x7f.1',
    '[evil]',
    'studio-10.local',
    'local',
    '.local',
    '192.168.1.7@evil.example',
  ]
  for (const host of ['0.0.0.0', '::', '192.168.1.7']) {
    it(`is an address or this machine's name on ${host}`, () => {
      expect(ours.filter((authority) => !isTaken(host, authority))).toEqual([])
      expect(others.filter((authority) => isTaken(host, authority))).toEqual([])
    })
  }

  it('is no other address on loopback, and the full name of a machine that has one', () => {
    expect(isTaken('127.0.0.1', '192.168.1.7:8080')).toBe(false)
    expect(isTaken('0.0.0.0', 'studio.lab.example:8080', 'studio.lab.example')).toBe(true)
    expect(isTaken('0.0.0.0', 'other.lab.example', 'studio.lab.example')).toBe(false)
  })
})

describe('C4: rights', () => {
  it('are those of asking models, or all', () => {
    const asking: [string, string][] = [
      ['POST', '/v1/chat/completions'],
      ['POST', '/v1/completions'],
      ['POST', '/v1/responses'],
      ['POST', '/v1/messages'],
      ['POST', '/v1/messages/count_tokens'],
      ['POST', '/v1/embeddings'],
      ['GET', '/v1/models'],
      ['GET', '/v1/models/org/tiny'],
      ['POST', '/v1/trifurcated'],
      ['POST', '/ollama/api/chat'],
      ['GET', '/ollama/api/tags'],
      ['GET', '/openapi.json'],
    ]
    const ruling: [string, string][] = [
      ['GET', '/settings'],
      ['POST', '/settings'],
      ['POST', '/place_instance'],
      ['DELETE', '/instance/instance-1'],
      ['POST', '/cluster/join'],
      ['POST', '/cluster/leave'],
      ['POST', '/tokens'],
      ['GET', '/tokens'],
      ['DELETE', '/v1/models/org/tiny'],
      ['POST', '/models/download'],
      ['DELETE', '/ollama/api/delete'],
      ['POST', '/ollama/api/pull'],
      ['POST', '/ollama/api/create'],
      ['GET', '/history'],
      ['POST', '/history/sql'],
      ['GET', '/trace/last'],
      ['GET', '/metrics'],
      ['GET', '/state'],
      ['GET', '/events'],
      ['GET', '/doctor'],
      ['POST', '/links/measure'],
      ['GET', '/v1/admin'],
      ['POST', '/v1/chatter'],
    ]
    expect(asking.filter(([method, path]) => neededRights(method, path) !== 'inference')).toEqual([])
    expect(ruling.filter(([method, path]) => neededRights(method, path) !== 'admin')).toEqual([])
  })

  it('hold for named tokens, until those are revoked', async () => {
    api = await startTestApi(sayWords(['a']), { apiToken: 'own' })
    const own = { authorization: 'Bearer own' }
    const chat = { model: 'tiny', messages: [{ role: 'user', content: 'x' }] }
    expect((await api.post('/tokens', { name: 'desk', rights: 'admin' }, own)).body).toMatchObject({
      name: 'desk',
      rights: 'admin',
      token: 'token-desk',
    })
    expect((await api.post('/tokens', { name: 'agent' }, own)).body).toMatchObject({ rights: 'inference' })
    const asking = { authorization: 'Bearer token-agent' }
    expect((await api.post('/v1/chat/completions', chat, asking)).status).toBe(200)
    expect((await api.get('/v1/models', { 'x-api-key': 'token-agent' })).status).toBe(200)
    for (const path of ['/settings', '/state', '/history', '/tokens', '/trace/last', '/cluster']) {
      const { status, body } = await api.get(path, asking)
      expect([path, status, body.error.code]).toEqual([path, 403, 'insufficient_rights'])
      expect((await api.get(path, { authorization: 'Bearer token-desk' })).status, path).toBe(200)
    }
    expect((await api.post('/tokens', { name: 'more', rights: 'admin' }, asking)).status).toBe(403)
    expect((await api.get('/tokens', own)).body.tokens.map(({ name }: { name: string }) => name)).toEqual(['desk', 'agent'])
    expect((await fetch(`${api.url}/tokens/agent`, { method: 'DELETE', headers: own })).status).toBe(200)
    expect((await api.post('/v1/chat/completions', chat, asking)).status).toBe(401)
    expect((await fetch(`${api.url}/tokens/agent`, { method: 'DELETE', headers: own })).status).toBe(404)
  })

  it('apply without a required token, too; an unknown token is no identity', async () => {
    api = await startTestApi(sayWords(['a']))
    await api.post('/tokens', { name: 'agent' })
    expect((await api.get('/settings', { authorization: 'Bearer token-agent' })).status).toBe(403)
    expect((await api.get('/settings', { authorization: 'Bearer unused' })).status).toBe(200)
  })
})

/** The documented routes that a token for inference may call. Each other one needs all rights, so a new route is added here or refused. */
const ASKING_ROUTES = `
  GET / | POST / | GET /v1 | GET /health | GET /v1/health | GET /ping | GET /version | GET /node_id | GET /props | GET /info
  GET /v1/models | GET /v1/models/{*} | POST /v1/cancel/{id} | GET /tokenizer_info
  POST /v1/chat/completions | POST /v1/completions | POST /v1/embeddings | POST /v1/rerank | POST /v2/rerank | POST /v1/trifurcated
  POST /v1/responses | POST /v1/responses/input_tokens | GET /v1/responses/{id} | DELETE /v1/responses/{id}
  GET /v1/responses/{id}/input_items | POST /v1/responses/{id}/cancel
  POST /v1/conversations | GET /v1/conversations/{id} | POST /v1/conversations/{id} | DELETE /v1/conversations/{id}
  POST /v1/conversations/{id}/items | GET /v1/conversations/{id}/items
  GET /v1/conversations/{id}/items/{itemId} | DELETE /v1/conversations/{id}/items/{itemId}
  POST /v1/messages | POST /v1/messages/count_tokens
  POST /tokenize | POST /v1/tokenize | POST /detokenize | POST /v1/detokenize | POST /apply-template | POST /completion | POST /infill
  GET /livez | GET /readyz | GET /live | GET /ready | GET /health/live | GET /health/ready | GET /health/liveliness
  GET /health/readiness | GET /v1/health/live | GET /v1/health/ready | GET /ollama/api/health | GET /is_sleeping
  GET /model_info | GET /get_model_info | GET /lm-studio/api/v1/models/download/status/{id}
  POST /embedding | POST /embed | POST /ping | GET /slots | GET /lora-adapters | GET /load
  GET /lm-studio/api/v0/models | GET /lm-studio/api/v0/models/{*} | GET /lm-studio/api/v1/models
  POST /generate | POST /generate_stream
  GET /ollama | GET /ollama/api/version | GET /ollama/api/tags | GET /ollama/api/ps | POST /ollama/api/show
  POST /ollama/api/embed | POST /ollama/api/embeddings | POST /ollama/api/chat | POST /ollama/api/generate
`.split(/[|\n]/)

describe('C4: a token for inference', () => {
  const asking = new Set(ASKING_ROUTES.map((route) => route.trim()).filter(Boolean))
  /** These need no token at all. */
  const open = ['GET /healthz', 'GET /node/proof']
  const agent = { authorization: 'Bearer token-agent' }

  /** Starts an API with a token for inference, and lists its routes: `path` has values in place of the parameters. */
  async function documentedRoutes(): Promise<{ readonly route: string; readonly method: string; readonly path: string }[]> {
    api = await startTestApi(sayWords(['a']), { apiToken: 'own' })
    const own = { authorization: 'Bearer own' }
    await api.post('/tokens', { name: 'agent' }, own)
    const { paths } = (await api.get('/openapi.json', own)).body as { paths: Record<string, object> }
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((name) => {
        const method = name.toUpperCase()
        return { route: `${method} ${path}`, method, path: path.replaceAll(/\{[^}]+\}/g, 'x') }
      }),
    )
  }
  const answerTo = async (method: string, path: string): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(api!.url + path, { method, headers: agent, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    const text = response.status === 403 ? await response.text() : ''
    if (response.status !== 403) await response.body?.cancel()
    return { status: response.status, text }
  }
  /** Sends a path as it is: `fetch` would normalize it. */
  const callExactly = (method: string, path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(api!.url)
      const sent = request({ hostname, port, method, path, headers: agent }, (response) => response.resume().once('close', resolve))
      sent.once('error', reject).end()
    })

  it('is refused by every documented route but those of asking models', async () => {
    const routes = await documentedRoutes()
    expect(routes.length).toBeGreaterThan(90)
    const names = routes.map(({ route }) => route)
    expect([...asking, ...open].filter((route) => !names.includes(route))).toEqual([])
    for (const { route, method, path } of routes) {
      const { status, text } = await answerTo(method, path)
      const isRefused = status === 403 && text.includes('This token only allows inference')
      expect([route, isRefused]).toEqual([route, !asking.has(route) && !open.includes(route)])
    }
  })

  it('reaches none of them by another spelling of a path, or by HEAD', async () => {
    const refused = (await documentedRoutes()).filter(({ route }) => !asking.has(route) && !open.includes(route))
    const names = new Set(refused.map(({ route }) => route))
    const before = [
      '/v1',
      '/api',
      '/openai',
      '/ollama',
      '/v1/models',
      '/v1/chat',
      '/ollama/api/chat',
      '/dashboard',
      '/openai/deployments/x',
    ]
    const spellingsOf = (path: string): string[] => {
      const encoded = `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`
      const led = before.flatMap((prefix) => [`${prefix}${path}`, `${prefix}/..%2f..${path}`, `${prefix}/../..${path}`])
      return [
        `${path}/`,
        `/${path}`,
        encoded,
        path.toUpperCase(),
        ...['?', '#', ';', '%00', '%23'].map((end) => `${path}${end}/v1/models`),
        ...led,
      ]
    }
    const calls = refused.flatMap(({ method, path }) => [
      ...(method === 'GET' ? [['HEAD', path] as const] : []),
      ...spellingsOf(path).map((spelling) => [method, spelling] as const),
    ])
    const earlier = api!.logged.length
    for (let at = 0; at < calls.length; at += 32)
      await Promise.all(calls.slice(at, at + 32).map(([method, path]) => callExactly(method, path)))
    const reached = api!.logged.slice(earlier).flatMap((line) => {
      const [, fields] = /^request (\{.*)$/.exec(line) ?? []
      if (fields === undefined) return []
      const { method, route, status } = JSON.parse(fields) as { method: string; route: string | null; status: number }
      const name = `${method === 'HEAD' ? 'GET' : method} ${route?.replaceAll(/:(\w+)/g, '{$1}')}`
      return names.has(name) ? [[name, status]] : []
    })
    expect(reached.length).toBeGreaterThan(refused.length * 3)
    expect(reached.filter(([, status]) => status !== 403)).toEqual([])
  }, 60_000)
})
