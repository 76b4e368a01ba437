import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

describe("LM Studio's routes", () => {
  it('list the models in both versions', async () => {
    const loaded = { id: 'org/tiny', object: 'model', type: 'llm', publisher: 'org', state: 'loaded', compatibility_type: 'mlx' }
    expect((await api.get('/api/v0/models')).body).toMatchObject({
      object: 'list',
      data: expect.arrayContaining([expect.objectContaining(loaded)]),
    })
    expect((await api.get('/api/v0/models/tiny')).body).toMatchObject(loaded)
    const { body } = await api.get('/api/v1/models')
    expect(body.models).toContainEqual(
      expect.objectContaining({
        type: 'llm',
        key: 'org/tiny',
        format: 'mlx',
        loaded_instances: [{ id: 'org/tiny', config: { context_length: 2048 } }],
      }),
    )
    expect(body.data).toContainEqual(expect.objectContaining({ id: 'org/tiny', object: 'model' }))
  })

  it('download a model', async () => {
    const { body } = await api.post('/api/v1/models/download', { model: 'org/new', quantization: 'Q4_K_M' })
    expect(body).toEqual({ job_id: 'download-1', status: 'downloading', total_size_bytes: 10, downloaded_bytes: 5 })
    expect((await api.get(`/api/v1/models/download/status/${body.job_id}`)).body).toEqual(body)
    expect((await api.get('/api/v1/models/download/status/none')).status).toBe(404)
    expect((await api.post('/api/v1/models/download', { model: 'here/known' })).body).toEqual({ status: 'already_downloaded' })
  })

  it('and those of vLLM and SGLang say what is loaded', async () => {
    expect((await api.get('/is_sleeping')).body).toEqual({ is_sleeping: false })
    for (const path of ['/model_info', '/get_model_info'])
      expect((await api.get(path)).body).toEqual({ model_path: 'org/tiny', tokenizer_path: 'org/tiny', is_generation: true })
  })

  it('load and unload a model', async () => {
    const { status, body } = await api.post('/api/v1/models/load', { model: 'tiny', context_length: 512, echo_load_config: true })
    expect([status, body]).toMatchObject([200, { instance_id: 'org/tiny', status: 'loaded', load_config: { context_length: 2048 } }])
    expect((await api.post('/api/v1/models/unload', { instance_id: 'org/tiny' })).body).toEqual({ instance_id: 'org/tiny' })
    expect((await api.post('/api/v1/models/unload', { instance_id: 'none' })).status).toBe(404)
  })

  it.each([
    ['GET', '/api/v0/models/none', 404, /GET \/v1\/models/],
    ['POST', '/api/v1/chat', 400, /\/v1\/responses/],
    ['GET', '/api/v1/model', 400, /llama\.cpp/],
    ['GET', '/api/extra/version', 400, /llama\.cpp/],
    ['POST', '/api/v1/generate', 400, /\/v1\/completions/],
    ['POST', '/sleep', 400, /keep_alive/],
  ])('%s %s names the way out', async (method, path, status, way) => {
    const answer = await fetch(api.url + path, {
      method,
      ...(method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
    })
    expect([answer.status, JSON.stringify(await answer.json())]).toEqual([status, expect.stringMatching(way)])
  })
})
