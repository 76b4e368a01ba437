import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { localSettings } from '../../shared/wire/api/__fixtures__/local-settings.ts'
import { startTestApi, TEST_MEMBERSHIP, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords([]))
})
afterEach(() => api.close())

describe('routes of the node', () => {
  it('show and change its settings', async () => {
    expect((await api.get('/settings')).body).toEqual(localSettings)
    expect((await api.post('/settings', { port: 9000 })).body.chosen.port).toBe(9000)
    for (const wrong of [{ port: 70_000 }, { maxMemoryBytes: 0 }, { modelCacheDir: 'models' }, { colour: 'red' }])
      expect((await api.post('/settings', wrong)).status).toBe(400)
  })
  it('take a token of the hub, and neither show it nor repeat it', async () => {
    const stored = await api.post('/settings', { hubToken: 'hf_abcdefgh' })
    expect([stored.status, stored.body.hasHubToken]).toEqual([200, true])
    const refused = await api.post('/settings', { hubToken: 'hf_abcdefgh\nx: y' })
    expect(refused.status).toBe(400)
    for (const { body } of [stored, refused]) expect(JSON.stringify(body)).not.toContain('abcdefgh')
  })
  it('run the checks of the doctor', async () => {
    expect((await api.get('/doctor')).body.checks).toHaveLength(1)
  })
  it('show the clusters nearby, and refuse a join that names none', async () => {
    expect((await api.get('/cluster')).body).toEqual(TEST_MEMBERSHIP)
    expect((await api.post('/cluster/join', { clusterName: 'desk', key: null })).status).toBe(200)
    for (const wrong of [{}, { clusterName: ' ' }, { clusterName: 'x'.repeat(65) }])
      expect((await api.post('/cluster/join', wrong)).status).toBe(400)
  })
  it('list the catalogue and delete a model', async () => {
    expect((await api.get('/models/catalogue')).body.models[0]).toMatchObject({ modelId: 'org/tiny', isHere: true })
    const deleted = await fetch(`${api.url}/models?model=org%2Ftiny`, { method: 'DELETE' })
    expect(await deleted.json()).toEqual({ modelId: 'org/tiny', deleted: true })
  })
})
