import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { BodyChecker } from './body-checker.ts'
import { bodyRoutes } from './body-routes.ts'

const bodyThreadEntry = join(import.meta.dirname, 'body-thread.ts')
describe('C2: long bodies', () => {
  let api: TestApi
  afterEach(() => api.close())

  it('are parsed, checked and brought into shape in a thread, as short ones are here', async () => {
    expect([...bodyRoutes().keys()]).toEqual(
      expect.arrayContaining([
        '/v1/chat/completions',
        '/v1/completions',
        '/v1/messages',
        '/v1/responses',
        '/ollama/api/chat',
        '/settings',
        '/history/sql',
      ]),
    )
    api = await startTestApi(sayWords(['a']), { bodyThreadEntry })
    const long = 'x'.repeat(700_000)
    const chat = await api.post('/v1/chat/completions', { model: 'tiny', seed: 1, messages: [{ role: 'user', content: long }] })
    expect(chat.status).toBe(200)
    expect(api.inference.requests[0]?.prompt).toMatchObject({ kind: 'messages', messages: [{ role: 'user', content: long }] })
    const wrong = await api.post('/v1/chat/completions', { model: 'tiny', messages: [{ role: 'user', content: long }, { role: 'nobody' }] })
    expect([wrong.status, wrong.body.error.param]).toEqual([400, 'messages[1].role'])
    expect(
      await api.post('/v1/messages', { model: 'tiny', max_tokens: 'many', messages: [{ role: 'user', content: long }] }),
    ).toMatchObject({ status: 400, body: { type: 'error' } })
    expect((await api.post('/v1/chat/completions', `{"a":"${long}`)).body.error.code).toBe('invalid_json')
    // Lenient forms of a route's body work too: Ollama's default is a stream, and a single text is a list of one.
    expect((await api.post('/ollama/api/chat', { model: 'tiny', stream: false, messages: [{ role: 'user', content: long }] })).status).toBe(
      200,
    )
    expect((await api.post('/nowhere', { text: long })).status).toBe(404)
  }, 60_000)

  it('are refused where too many wait, and where their thread ends', async () => {
    api = await startTestApi(sayWords(['a']), { bodyThreadEntry: join(import.meta.dirname, 'no-such-thread.ts') })
    const { status, body } = await api.post('/v1/completions', { model: 'tiny', prompt: 'x'.repeat(600_000) })
    expect([status, body.error.code]).toEqual([503, 'timeout'])
    await api.close()
    api = await startTestApi(sayWords(['a']), { bodyThreadEntry })
    const long = JSON.stringify({ model: 'tiny', prompt: 'x'.repeat(600_000) })
    const statuses = await Promise.all(Array.from({ length: 80 }, async () => (await api.post('/v1/completions', long)).status))
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
  }, 90_000)
})

describe('the thread for long bodies', () => {
  const dir = mkdtempSync(join(tmpdir(), 'exo-body-thread-'))
  const clock = new ManualClock()
  let checker: BodyChecker
  const start = (source: string): void => {
    const entry = join(dir, 'thread.mjs')
    writeFileSync(entry, source)
    checker = new BodyChecker(entry, clock)
  }
  const check = () => checker.check({ path: '/v1/completions', model: null }, Buffer.from('{}'))
  afterEach(() => checker.close())
  afterAll(() => rmSync(dir, { recursive: true }))

  it('is stopped if it takes too long', async () => {
    start('setInterval(() => undefined, 60_000)')
    const refused = expect(check()).rejects.toMatchObject({ status: 503, code: 'timeout', message: expect.stringContaining('within 20 s') })
    await clock.advance(20_000)
    await refused
  })

  it('ends when it has been idle, and starts again with the next body', async () => {
    start(`import { parentPort, threadId } from 'node:worker_threads'
parentPort.on('message', ({ bodyId }) => parentPort.postMessage({ bodyId, body: threadId }))`)
    const first = await check()
    await clock.advance(60_000)
    expect(await check()).toMatchObject({ body: first.body })
    await clock.advance(120_000)
    expect((await check()).body).not.toBe(first.body)
  })
})
