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
  ])('%s is refused by name, with the way out', async (path, way) => {
    const { status, body } = await api.post(path, { model: 'tiny', input: 'x' })
    expect([status, body.error.type, body.error.code]).toEqual([400, 'invalid_request_error', 'model_unsupported'])
    expect(body.error.message).toMatch(way)
  })

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
