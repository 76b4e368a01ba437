import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InferencePart, InferenceRequest } from '../../shared/inference/inference.ts'
import { AppError } from '../../shared/app-error.ts'
import { accepted, inferenceEnd, sayWords, type Script, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
const start = async (script: Script): Promise<TestApi> => (api = await startTestApi(script))
beforeEach(() => start(sayWords(['one', ' two', ' three'])))
afterEach(() => api.close())

const asked = (): InferenceRequest | undefined => api.inference.requests.at(-1)

async function events(path: string, body: object): Promise<any[]> {
  const response = await fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  return (await response.text()).split('\n\n').flatMap((event) => (event.startsWith('data:') ? [JSON.parse(event.slice(5))] : []))
}

describe('the routes of Text Generation Inference', () => {
  it('complete a text greedily up to 100 tokens, without a model named', async () => {
    const { status, body } = await api.post('/generate', { inputs: 'Count:' })
    expect([status, body]).toEqual([200, { generated_text: 'one two three' }])
    expect(asked()).toMatchObject({ model: 'org/tiny', prompt: { kind: 'text', text: 'Count:' }, maxTokens: 100, temperature: 0 })
  })

  it('take the parameters of sampling, of the end and of the prompt', async () => {
    const parameters = { do_sample: true, top_k: 5, repetition_penalty: 1.1, seed: 3, stop: ['END'], max_new_tokens: 2, truncate: 7 }
    const { body } = await api.post('/generate', { inputs: 'Count:', parameters: { ...parameters, return_full_text: true } })
    expect(body).toEqual({ generated_text: 'Count:one two' })
    expect(asked()).toMatchObject({
      temperature: null,
      topK: 5,
      repetitionPenalty: 1.1,
      seed: '3',
      stop: ['END'],
      maxTokens: 2,
      tokenRules: { lastPromptTokens: 7 },
    })
    for (const [given, temperature] of [
      [{ temperature: 0.7 }, 0.7],
      [{ top_p: 0.9 }, null],
      [{ do_sample: false, temperature: 1 }, 0],
    ] as const) {
      await api.post('/generate', { inputs: 'x', parameters: given })
      expect(asked()?.temperature).toBe(temperature)
    }
  })

  it('tell tokens, probabilities and the end in details', async () => {
    const { body } = await api.post('/generate', {
      inputs: 'Count:',
      parameters: { details: true, decoder_input_details: true, top_n_tokens: 1, seed: 9, max_new_tokens: 2 },
    })
    expect(body.details).toMatchObject({ finish_reason: 'length', generated_tokens: 2, seed: 9 })
    expect(body.details.prefill).toEqual([
      { id: 1, text: 'he', logprob: null },
      { id: 2, text: 'y', logprob: -0.5 },
    ])
    expect(body.details.tokens).toEqual([
      { id: 10, text: 'one', logprob: -0.25, special: false },
      { id: 11, text: ' two', logprob: -0.25, special: false },
    ])
    expect(body.details.top_tokens).toHaveLength(2)
  })

  it('stream a token per event, and the whole text in the last', async () => {
    for (const [path, more] of [
      ['/generate_stream', {}],
      ['/', { stream: true }],
    ] as const) {
      const told = await events(path, { inputs: 'Count:', ...more })
      expect(told.map(({ index, token, generated_text: text }) => [index, token.text, token.special, text])).toEqual([
        [1, 'one', false, null],
        [2, ' two', false, null],
        [3, ' three', false, null],
        [4, '', true, 'one two three'],
      ])
      expect(told.at(-1).details).toEqual({ finish_reason: 'eos_token', generated_tokens: 3, seed: null, input_length: 6 })
    }
  })

  it('write a character that is split over tokens once', async () => {
    await api.close()
    await start(async function* (request): AsyncIterable<InferencePart> {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: '😀', tokens: [textToken('\uFFFD', 1), textToken('\uFFFD', 2)] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: 'END', completionTokens: 2 }
      yield inferenceEnd(3, 2)
    })
    const told = await events('/generate_stream', { inputs: 'x' })
    expect(told.map(({ token }) => token.text).join('')).toBe('😀END')
    expect(told.at(-1)).toMatchObject({ generated_text: '😀END', token: { special: false }, details: { finish_reason: 'stop_sequence' } })
  })

  it('answer at the root in a list', async () => {
    const { status, body } = await api.post('/', { inputs: 'Count:', parameters: { max_new_tokens: 1, return_full_text: false } })
    expect([status, body]).toEqual([200, [{ generated_text: 'one' }]])
  })

  it('take no model, parameters beside `parameters`, and values that mean nothing', async () => {
    const nothing = { best_of: 1, typical_p: 1, watermark: false, grammar: null, adapter_id: null, top_n_tokens: null, stop: [] }
    const { status } = await api.post('/generate', { model: null, inputs: 'x', max_new_tokens: 2, parameters: nothing })
    expect([status, asked()?.maxTokens]).toEqual([200, 2])
  })

  it.each([
    [{ best_of: 3 }, 'best_of'],
    [{ typical_p: 0.9 }, 'typical_p'],
    [{ watermark: true }, 'watermark'],
    [{ grammar: { type: 'xml', value: {} } }, 'grammar'],
    [{ adapter_id: 'lora' }, 'adapter_id'],
    [{ max_new_tokens: -5 }, 'max_new_tokens'],
  ])('refuse by name what would change the answer: %j', async (parameters, name) => {
    for (const path of ['/generate', '/generate_stream', '/']) {
      const { status, body } = await api.post(path, { inputs: 'x', parameters })
      expect([status, body]).toEqual([400, { error: expect.stringContaining(name), error_type: 'validation' }])
    }
    expect(api.inference.requests).toHaveLength(0)
  })

  it('fail in their own words, whole and streamed', async () => {
    await api.close()
    await start(async function* (request): AsyncIterable<InferencePart> {
      yield accepted(request)
      throw new AppError('engine-busy', 'Full.')
    })
    for (const path of ['/generate', '/generate_stream', '/']) {
      const { status, body } = await api.post(path, { inputs: 'x' })
      expect([status, body]).toEqual([429, { error: 'Full.', error_type: 'overloaded' }])
    }
  })

  it('describe the loaded model', async () => {
    expect((await api.get('/info')).body).toMatchObject({ model_id: 'org/tiny', max_total_tokens: 2048, max_input_tokens: 2047 })
  })
})
