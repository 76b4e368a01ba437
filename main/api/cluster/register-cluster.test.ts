import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi, TEST_CARD, TEST_STATE } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords([]))
})
afterEach(() => api.close())

describe('cluster routes', () => {
  it('show the node, the cluster and the models', async () => {
    expect((await api.get('/healthz')).body).toEqual({ status: 'ok' })
    expect((await api.get('/node_id')).body).toEqual({ nodeId: 'node-a' })
    expect((await api.get('/state')).body).toEqual(TEST_STATE)
    expect((await api.post('/links/measure', {})).body).toEqual({
      links: [expect.objectContaining({ to: 'node-b', throughputBytesPerSecond: 1e8 })],
    })
    expect((await api.get('/peers')).body).toEqual({ peers: [{ nodeId: 'node-b', status: 'linked' }] })
    expect((await api.get('/models')).body).toMatchObject({
      models: [
        { modelId: 'org/tiny', aliases: ['tiny'], loaded: true, card: TEST_CARD },
        { modelId: '/models/other', aliases: [], loaded: false },
      ],
    })
  })

  it('list models as OpenAI does and find one by id or alias', async () => {
    const tiny = {
      id: 'org/tiny',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'exo',
      aliases: ['tiny'],
      loaded: true,
      context_tokens: 2048,
    }
    const list = (await api.get('/v1/models')).body
    expect(list).toMatchObject({
      object: 'list',
      data: [tiny, { ...tiny, id: '/models/other', aliases: [], loaded: false, context_tokens: null }],
    })
    for (const name of ['org/tiny', 'org%2Ftiny', 'tiny']) expect((await api.get(`/v1/models/${name}`)).body).toEqual(list.data[0])
    expect((await api.get('/v1/models/%2Fmodels%2Fother')).body.id).toBe('/models/other')
    expect((await api.get('/v1/models/none')).status).toBe(404)
  })

  it('place, show and delete instances', async () => {
    expect((await api.post('/place_instance', { model_id: 'org/tiny', sharding: 'pipeline', backend: 'ring', min_nodes: 2 })).body).toEqual(
      { instanceId: 'instance-2', modelId: 'org/tiny' },
    )
    expect((await api.get('/instance/instance-1')).body).toEqual({ instanceId: 'instance-1', ...Object.values(TEST_STATE.instances)[0] })
    expect((await api.get('/instance/none')).body.error.code).toBe('instance_not_found')
    expect((await fetch(`${api.url}/instance/none`, { method: 'DELETE' })).status).toBe(404)
    const deleted = await fetch(`${api.url}/instance/instance-1`, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
    expect(await deleted.json()).toEqual({ instanceId: 'instance-1', deleted: true })
    expect(api.deletedInstances).toEqual(['instance-1'])
  })

  it('preview placements', async () => {
    expect((await api.get('/instance/previews?model_id=org/tiny')).body).toEqual({
      previews: [{ strategy: 'pipeline', backend: 'local', modelId: 'org/tiny', contextTokens: null, kvBits: null, nodes: null }],
    })
    const { body } = await api.get('/instance/previews?model_id=org/tiny&context_tokens=4096&kv_bits=8&nodes=node-a,node-b')
    expect(body.previews).toMatchObject([{ contextTokens: 4096, kvBits: 8, nodes: ['node-a', 'node-b'] }])
    expect((await api.get('/instance/previews?model_id=org/tiny&context_tokens=none')).status).toBe(400)
    expect((await api.get('/instance/previews')).body.error).toMatchObject({ code: 'missing_required_parameter', param: 'model_id' })
  })

  it('tell a placement that cannot be from one that failed', async () => {
    await api.close()
    api = await startTestApi(
      sayWords([]),
      {},
      { placeInstance: () => Promise.reject(new AppError('not-enough-nodes', 'Needs 3 nodes, there is 1.')) },
    )
    expect((await api.post('/place_instance', { model_id: 'org/tiny', min_nodes: 3 })).status).toBe(409)
  })
})

describe('/openapi.json', () => {
  it('describes every route, with schemas', async () => {
    const { body } = await api.get('/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/v1/chat/completions',
        '/v1/completions',
        '/v1/models',
        '/v1/cancel/{id}',
        '/state',
        '/place_instance',
        '/instance/{id}',
        '/instance/previews',
        '/healthz',
      ]),
    )
    const chat = body.paths['/v1/chat/completions'].post
    expect(chat.requestBody.content['application/json'].schema.required).toEqual(['model', 'messages'])
    expect(chat.responses['200'].content['application/json'].schema.properties.timings.required).toContain('ttft_ms')
  })
})
