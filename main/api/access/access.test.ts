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
