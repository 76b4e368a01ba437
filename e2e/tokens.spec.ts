import { mkdtemp, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runExo } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const TOKEN_LINE = /^Token\s+(exo-[0-9a-f]{64})$/m

describe('C4: a node that listens on a network', () => {
  let dataDir: string
  let node: RunningExo | null = null

  beforeAll(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'exo-tokens-'))))
  afterEach(async () => {
    await node?.stop()
    node = null
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  const start = async (...more: string[]): Promise<RunningExo> => {
    node = await startExo({ dataDir, arguments: ['--host', '0.0.0.0', '--no-default-model', ...more], awaitModel: false })
    return node
  }
  const exo = async (...words: string[]): Promise<string> => {
    const { status, stdout, stderr } = await runExo([...words, '--data-dir', dataDir])
    expect(status, stderr).toBe(0)
    return stdout.trim()
  }

  /** `fetch` sets Host itself. */
  const statusOf = (path: string, headers: Record<string, string>, method = 'GET', body = ''): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(node?.apiUrl ?? '')
      const sent = request(
        { host: '127.0.0.1', port, path, method, headers: { ...(body === '' ? {} : { 'content-type': 'text/plain' }), ...headers } },
        (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        },
      )
      sent.once('error', reject)
      sent.end(body)
    })
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

  it('asks for a token that it made, the same after a restart; its own command line needs none', async () => {
    const token = TOKEN_LINE.exec((await start()).output())?.[1] ?? ''
    expect(token).not.toBe('')
    expect((await stat(join(dataDir, 'api-token'))).mode & 0o777).toBe(0o600)
    expect([
      await statusOf('/state', {}),
      await statusOf('/settings', bearer(`${token.slice(0, -1)}x`)),
      await statusOf('/healthz', {}),
      await statusOf('/state', bearer(token)),
    ]).toEqual([401, 401, 200, 200])
    expect(JSON.parse(await exo('ps', '--json'))).toEqual({})
    await node?.stop()
    expect(TOKEN_LINE.exec((await start()).output())?.[1]).toBe(token)

    const agent = await exo('tokens', 'new', 'agent', '--rights', 'inference')
    const desk = await exo('tokens', 'new', 'desk', '--rights', 'admin')
    expect(await exo('tokens')).toMatch(/agent +inference[\s\S]*desk +admin/)
    expect([
      await statusOf('/v1/models', bearer(agent)),
      await statusOf('/settings', bearer(agent)),
      await statusOf('/settings', bearer(desk)),
    ]).toEqual([200, 403, 200])
    await exo('tokens', 'revoke', 'agent')
    expect(await statusOf('/v1/models', bearer(agent))).toBe(401)
    await node?.stop()
    node = null
    await exo('tokens', 'revoke', 'desk')
    const later = await exo('tokens', 'new', 'later')
    await start()
    expect([await statusOf('/state', bearer(desk)), await statusOf('/v1/models', bearer(later))]).toEqual([401, 200])
  })

  it('answers to its addresses and its name alone, so that no page reaches it by a name of its own', async () => {
    const { apiUrl, output } = await start('--no-token')
    expect(output()).toContain('--no-token')
    const port = new URL(apiUrl).port
    const evil = `evil.example:${port}`
    expect(await statusOf('/settings', { host: evil, origin: `http://${evil}` }, 'POST', '{"modelCacheDir":"/somewhere"}')).toBe(403)
    expect(await statusOf('/state', { host: evil })).toBe(403)
    expect([await statusOf('/state', { host: `127.0.0.1:${port}` }), await statusOf('/state', { host: `192.168.7.9:${port}` })]).toEqual([
      200, 200,
    ])
  })

  it('is told one thing of the two', async () => {
    expect((await runExo(['--no-token', '--api-token', 'x', '--data-dir', dataDir])).status).toBe(2)
  })
})
