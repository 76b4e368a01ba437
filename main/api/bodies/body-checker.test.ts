import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { bodyRoutes } from './body-routes.ts'

const bodyThreadEntry = join(import.meta.dirname, 'body-thread.ts')
let api: TestApi
afterEach(() => api.close())

describe('C2: long bodies', () => {
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
