import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { modelCapabilities } from './model-capabilities.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, TEST_CARD, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi | null = null
afterEach(() => api?.close())

const model = { modelId: 'org/tiny', aliases: [], loaded: false, card: TEST_CARD }
const derived = { from: 'org/tiny', system: null, template: null, messages: [], license: '', parameters: {}, modifiedEpochMs: 0 }

describe('what can be asked of a listed model', () => {
  it('is what its files say', () =>
    expect(modelCapabilities({ ...model, capabilities: ['completion', 'insert'] })).toEqual(['completion', 'insert']))
  it('is what its card says where its files are elsewhere', () => {
    expect(modelCapabilities(model)).toEqual(['completion', 'tools'])
    expect(modelCapabilities({ ...model, card: { ...TEST_CARD, sampling: { withoutThinking: {} } } })).toEqual([
      'completion',
      'tools',
      'thinking',
    ])
  })
  it("is no more than a template of the user's own tells the model", () => {
    const capabilities = ['completion', 'tools', 'thinking'] as const
    expect(modelCapabilities({ ...model, capabilities, derived })).toEqual(capabilities)
    expect(modelCapabilities({ ...model, capabilities, derived: { ...derived, template: '{{ .Prompt }}' } })).toEqual(['completion'])
    expect(modelCapabilities({ ...model, capabilities, derived: { ...derived, template: '{{ .Tools }}{{ .Prompt }}' } })).toEqual([
      'completion',
      'tools',
    ])
  })
})

describe('models', () => {
  it("have Anthropic's shape for its clients, and its errors", async () => {
    api = await startTestApi(sayWords(['x']))
    const client = new Anthropic({ baseURL: api.url, apiKey: 'x', maxRetries: 0 })
    const listed = await client.models.list()
    expect(listed.data[0]).toMatchObject({
      type: 'model',
      id: 'org/tiny',
      max_input_tokens: 2048,
      capabilities: { thinking: { supported: false }, image_input: { supported: false } },
    })
    expect((await client.models.retrieve('tiny')).capabilities?.batch).toEqual({ supported: false })
    await expect(client.models.retrieve('none')).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error' } },
    })
  })

  it('have lists of words for all others', async () => {
    api = await startTestApi(sayWords(['x']))
    expect((await api.get('/v1/models')).body.data[0].capabilities).toEqual(['completion', 'tools'])
    expect((await api.get('/api/tags')).body.models[0].capabilities).toEqual(['completion', 'tools'])
    expect((await api.post('/api/show', { model: 'tiny' })).body.capabilities).toEqual(['completion', 'tools'])
    expect((await api.get('/v1/models/none')).body.error.code).toBe('model_not_found')
  })
})
