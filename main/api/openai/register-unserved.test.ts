import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

describe('what no model here does', () => {
  it.each([
    ['/v1/score', /\/v1\/rerank/],
    ['/v1/audio/transcriptions', /speech/],
    ['/v1/audio/speech', /speech/],
    ['/v1/images/generations', /images/],
    ['/v1/moderations', /moderat/],
    ['/v1/files', /each text as its own request/],
    ['/v1/batches', /run in parallel/],
    ['/v1/assistants', /\/v1\/responses/],
    ['/v1/messages/batches', /run in parallel/],
    ['/v1/batches/b/cancel', /run in parallel/],
    ['/v1/vector_stores/v/search', /own request/],
    ['/v1/fine_tuning/jobs', /mlx-lm/],
    ['/v1/threads/t/messages', /\/v1\/responses/],
    ['/v1/load_lora_adapter', /Merge the adapter/],
    ['/v1beta/models/gemini-2.5-pro:generateContent', /OpenAI-compatible/],
  ])('POST %s is refused by name, with the way out', async (path, way) => {
    const { status, body } = await api.post(path, { model: 'tiny', input: 'x' })
    expect([status, body.error.type, body.error.code]).toEqual([400, 'invalid_request_error', 'model_unsupported'])
    expect(body.error.message).toMatch(way)
  })

  it.each([
    ['GET', '/v1/files'],
    ['GET', '/v1/files/file-1/content'],
    ['DELETE', '/v1/files/file-1'],
    ['GET', '/v1/messages/batches/b/results'],
    ['GET', '/v1/evals'],
    ['GET', '/v1/assistants/a'],
    ['GET', '/v1/realtime?model=x'],
    ['GET', '/v1/videos/v'],
    ['GET', '/v1/organization/usage/completions'],
  ])('%s %s is refused by name too', async (method, path) => {
    const answer = await fetch(`${api.url}${path}`, { method })
    expect([answer.status, JSON.stringify(await answer.json())]).toEqual([
      400,
      expect.stringMatching(/This node does not \w+.*(Use|Send|GET|Train)/),
    ])
  })

  it.each(['/v1/files', '/v1/skills', '/v1/messages/batches'])(
    "%s is refused in Anthropic's words to Anthropic's clients",
    async (path) => {
      const answer = await fetch(`${api.url}${path}`, { headers: { 'anthropic-version': '2023-06-01' } })
      expect([answer.status, await answer.json()]).toEqual([
        400,
        { type: 'error', error: expect.objectContaining({ type: 'invalid_request_error' }), request_id: expect.any(String) },
      ])
    },
  )

  it('is refused so too where a file is sent', async () => {
    const form = new FormData()
    form.set('file', new Blob(['RIFF']), 'a.wav')
    const answer = await fetch(`${api.url}/v1/audio/transcriptions`, { method: 'POST', body: form })
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: expect.objectContaining({ message: expect.stringContaining('speech server') }) },
    ])
  })
})
