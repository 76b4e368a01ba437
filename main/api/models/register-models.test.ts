import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords([]))
})
afterEach(() => api.close())

it('GET /models lists the models for clients of OpenAI’s API whose address lacks /v1', async () => {
  const { data } = (await api.get('/v1/models')).body
  const { object, data: listed } = (await api.get('/models')).body
  expect([object, listed.length]).toEqual(['list', 2])
  expect(listed).toMatchObject(data.map(({ created, created_at, ...model }: Record<string, unknown>) => model))
})

describe('settings of single models', () => {
  it('are set, shown, checked and taken back', async () => {
    const put = async (model: string, body: unknown): Promise<[number, unknown]> => {
      const answer = await fetch(`${api.url}/models/settings?model=${model}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return [answer.status, await answer.json()]
    }
    expect(await put('tiny', { temperature: 0.6, system: 'Be brief.' })).toEqual([
      200,
      { modelId: 'org/tiny', settings: { temperature: 0.6, system: 'Be brief.' } },
    ])
    expect((await api.get('/models/settings')).body).toEqual({ settings: { 'org/tiny': { temperature: 0.6, system: 'Be brief.' } } })
    expect(await put('tiny', { temperature: 6 })).toMatchObject([400, { error: { param: 'temperature' } }])
    expect(await put('tiny', { temprature: 1 })).toMatchObject([400, { error: { message: expect.stringContaining('temprature') } }])
    expect(await put('none', {})).toMatchObject([404, { error: { code: 'model_not_found' } }])
    expect(await put('tiny', {})).toMatchObject([200, { settings: {} }])
  })
})

describe('the search of the hub', () => {
  it('answers with what was found, and whether exo can run it', async () => {
    const { body } = await api.get('/models/hub?search=tiny&limit=3')
    expect(body.models.map((hit: { isSupported: boolean }) => hit.isSupported)).toEqual([true, false, null])
    expect(body.models[0]).toMatchObject({ modelId: 'org/tiny', weightBytes: 3, isGated: false })
    expect((await api.get('/models/hub?limit=1000')).status).toBe(400)
  })
})

describe('the catalogue', () => {
  it('tells what each model can do', async () => {
    expect((await api.get('/models/catalogue')).body.models).toMatchObject([{ modelId: 'org/tiny', capabilities: ['completion', 'tools'] }])
  })
})

describe('the expected speeds', () => {
  it('are those of the asked models of the catalogue that the cluster can tell', async () => {
    const speed = { machines: 2, tokensPerSecond: { low: 18, likely: 20, high: 25 } }
    const asked: string[] = []
    await api.close()
    api = await startTestApi(sayWords([]), {}, { expectedSpeed: async ({ modelId }) => (asked.push(modelId), speed) })
    expect((await api.post('/models/speeds', { models: ['org/tiny', 'org/none', 'org/tiny'] })).body).toEqual({
      speeds: { 'org/tiny': speed },
    })
    expect((await api.post('/models/speeds', { models: [] })).body).toEqual({ speeds: {} })
    expect(asked).toEqual(['org/tiny'])
    expect((await api.post('/models/speeds', { models: Array.from({ length: 65 }, (_, index) => `m${index}`) })).status).toBe(400)
  })
  it('leave out a model that does not fit', async () => {
    expect((await api.post('/models/speeds', { models: ['org/tiny'] })).body).toEqual({ speeds: {} })
  })
})

describe('routes of downloads', () => {
  it('start, show, pause, resume and give up', async () => {
    const report = {
      id: 'download-1',
      modelId: 'org/big',
      status: 'running',
      doneBytes: 5,
      totalBytes: 10,
      source: 'hub',
      savedBytes: 0,
      message: null,
    }
    expect((await api.post('/models/download', { model: 'org/big' })).body).toEqual({ modelId: 'org/big', download: report })
    expect((await api.post('/models/download/download-1/pause', {})).body).toEqual({ ...report, status: 'paused' })
    expect((await api.get('/models/download/download-1')).body.status).toBe('paused')
    expect((await api.post('/models/download/download-1/resume', {})).body).toEqual(report)
    const given = await fetch(`${api.url}/models/download/download-1`, { method: 'DELETE' })
    expect(await given.json()).toEqual({ id: 'download-1', cancelled: true })
    for (const answer of [
      await api.get('/models/download/download-1'),
      await api.post('/models/download/download-1/pause', {}),
      await api.post('/models/download/download-1/resume', {}),
    ])
      expect([answer.status, answer.body.error.code]).toEqual([404, 'download_not_found'])
  })

  it('tell a model that is here, one that the hub cannot have, and a body that says nothing', async () => {
    expect((await api.post('/models/download', { model: 'here/already' })).body).toEqual({ modelId: 'here/already', download: null })
    expect((await api.post('/models/download', { model: 'nonsense' })).body.error).toMatchObject({
      code: 'invalid_request',
      param: 'model',
    })
    for (const revision of ['../../main', '/etc', 'a/../b', 'a//b', '.hidden', ''])
      expect((await api.post('/models/download', { model: 'org/big', revision })).body.error).toMatchObject({
        code: expect.any(String),
        param: 'revision',
      })
    for (const revision of ['v1.0', 'refs/pr/7', 'c'.repeat(40)])
      expect((await api.post('/models/download', { model: 'here/already', revision })).status).toBe(200)
    expect((await api.post('/models/download', {})).body.error.code).toBe('missing_required_parameter')
  })
})
