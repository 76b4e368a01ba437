import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const messages = [{ role: 'user', content: 'x' }]
const ROUTES = [
  ['/v1/chat/completions', { model: 'tiny', messages }],
  ['/v1/completions', { model: 'tiny', prompt: 'x' }],
  ['/v1/responses', { model: 'tiny', input: 'x' }],
  ['/v1/messages', { model: 'tiny', max_tokens: 5, messages }],
  ['/api/chat', { model: 'tiny', messages }],
  ['/api/generate', { model: 'tiny', prompt: 'x' }],
] as const

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['Paris']))
})
afterEach(() => api.close())

describe('how long a model stays', () => {
  it.each(ROUTES)('is said with any request of %s, streamed or not', async (path, body) => {
    await api.post(path, { ...body, keep_alive: '5m' })
    await api.post(path, { ...body, ttl: 60, stream: true })
    await api.post(path, { ...body, keep_alive: -1, stream: false })
    await api.post(path, body)
    await expect
      .poll(() => api.keeps)
      .toEqual([
        ['org/tiny', 300_000],
        ['org/tiny', 60_000],
        ['org/tiny', null],
      ])
  })

  it.each(ROUTES)('%s refuses a value that is not a duration before anything runs', async (path, body) => {
    const { status, body: answer } = await api.post(path, { ...body, keep_alive: 'soon' })
    expect([status, JSON.stringify(answer)]).toEqual([400, expect.stringContaining('keep_alive')])
    expect(api.inference.requests).toEqual([])
  })

  it('is said too where a model is only loaded', async () => {
    expect((await api.post('/api/generate', { model: 'org/tiny', keep_alive: '10m' })).body).toMatchObject({
      done: true,
      done_reason: 'load',
    })
    await expect.poll(() => api.keeps).toEqual([['org/tiny', 600_000]])
  })

  it('goes with an answer too: 0 unloads after it', async () => {
    await api.post('/api/chat', { model: 'tiny', messages, stream: false, keep_alive: 0 })
    await expect.poll(() => api.keeps).toEqual([['org/tiny', 0]])
  })

  it('is 404 for an unknown model', async () => {
    expect(await api.post('/api/generate', { model: 'none', keep_alive: 0 })).toMatchObject({
      status: 404,
      body: { error: expect.stringContaining('none') },
    })
  })
})

describe('num_ctx', () => {
  it('is the context that a model is loaded with', async () => {
    await api.post('/api/chat', { model: 'tiny', messages, stream: false, options: { num_ctx: 4096 } })
    await api.post('/api/chat', { model: 'tiny', messages, stream: false, options: { num_ctx: 0 } })
    expect(api.inference.requests.map(({ contextTokens }) => contextTokens ?? null)).toEqual([4096, null])
  })
})
