import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { neededRights } from '../access/needed-rights.ts'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['fine']))
})
afterEach(() => api.close())

const messages = [{ role: 'user', content: 'hi' }]
const lastPrompt = (): unknown => api.inference.requests.at(-1)?.prompt

describe('tokens of texts', () => {
  it('are told in the shapes of vLLM and llama.cpp', async () => {
    for (const path of ['/tokenize', '/v1/tokenize', '/tokenize/'])
      expect((await api.post(path, { model: 'tiny', prompt: 'abc' })).body, path).toEqual({
        tokens: [0, 1, 2],
        count: 3,
        max_model_len: 2048,
      })
    expect(lastPrompt()).toEqual({ kind: 'text', text: 'abc', addSpecialTokens: true })
    await api.post('/tokenize', { content: 'abc' })
    expect([lastPrompt(), api.inference.requests.at(-1)?.model]).toEqual([
      { kind: 'text', text: 'abc', addSpecialTokens: false },
      'org/tiny',
    ])
    await api.post('/tokenize', { model: 'tiny', messages })
    expect(lastPrompt()).toMatchObject({ kind: 'messages', messages })
    expect((await api.post('/tokenize', { model: 'tiny', prompt: '' })).body).toMatchObject({ tokens: [], count: 0 })
    expect((await api.post('/tokenize', { model: 'tiny' })).body.error).toMatchObject({ code: 'invalid_value', param: 'prompt' })
  })

  it('have their texts and places on request', async () => {
    const ask = async (body: Record<string, unknown>): Promise<unknown> => (await api.post('/tokenize', body)).body
    expect(await ask({ content: 'hey', with_pieces: true })).toMatchObject({
      tokens: [
        { id: expect.any(Number), piece: 'he' },
        { id: expect.any(Number), piece: 'y' },
      ],
    })
    expect(await ask({ prompt: 'hey', return_token_strs: true })).toMatchObject({ count: 2, token_strs: ['he', 'y'] })
    expect(await ask({ inputs: 'hey' })).toMatchObject([
      { text: 'he', start: 0, stop: 2 },
      { text: 'y', start: 2, stop: 3 },
    ])
    expect(await ask({ inputs: '' })).toEqual([])
  })

  it('become texts again', async () => {
    expect((await api.post('/detokenize', { model: 'tiny', tokens: [1, 2] })).body).toEqual({ prompt: 'ids', content: 'ids' })
    expect(lastPrompt()).toEqual({ kind: 'token-ids', tokenIds: [1, 2] })
    expect((await api.post('/detokenize', { tokens: [] })).body).toEqual({ prompt: '', content: '' })
    expect((await api.post('/apply-template', { messages })).body).toEqual({ prompt: 'hi' })
  })

  it('that are special are told with the chat template, as vLLM tells them to clients without a tokenizer', async () => {
    const told = { tokenizer_class: 'TinyTokenizer', bos_token: null, eos_token: '</s>', chat_template: '{{ messages }}' }
    for (const path of ['/tokenizer_info', '/tokenizer_info?model=tiny', '/tokenizer_info/?model=org/tiny'])
      expect((await api.get(path)).body, path).toMatchObject(told)
    expect(await api.get('/tokenizer_info?model=/models/other')).toMatchObject({
      status: 404,
      body: { error: { code: 'model_not_found' } },
    })
    expect(neededRights('GET', '/tokenizer_info')).toBe('inference')
  })

  it('of a response are counted, with what it goes on from', async () => {
    const { body } = await api.post('/v1/responses', { model: 'tiny', input: 'one' })
    const counted = await api.post('/v1/responses/input_tokens', { model: 'tiny', input: 'two', previous_response_id: body.id })
    expect(counted.body).toEqual({ object: 'response.input_tokens', input_tokens: 'one\nfine\ntwo'.length })
  })
})
