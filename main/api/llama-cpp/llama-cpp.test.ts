import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, TEST_STATE, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(sayWords(['one', ' two', ' three']))
})
afterEach(() => api.close())

describe("llama.cpp's own routes", () => {
  it('complete a prompt, without a model named', async () => {
    const { status, body } = await api.post('/completion', { prompt: 'Count:', n_predict: 2, repeat_penalty: 1.1, temperature: 0 })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      content: 'one two',
      tokens: [10, 11],
      stop: true,
      stop_type: 'limit',
      tokens_predicted: 2,
      tokens_evaluated: 3,
      truncated: false,
      timings: { predicted_n: 2 },
    })
    expect(api.inference.requests[0]).toMatchObject({
      model: 'org/tiny',
      prompt: { kind: 'text', text: 'Count:' },
      maxTokens: 2,
      repetitionPenalty: 1.1,
      temperature: 0,
    })
  })

  it('go on to the end of the context where no limit is set, and take token ids', async () => {
    for (const n_predict of [-1, undefined]) await api.post('/completion', { prompt: [1, 2], n_predict })
    expect(api.inference.requests.map(({ maxTokens, prompt }) => [maxTokens, prompt.kind])).toEqual(Array(2).fill([null, 'token-ids']))
  })

  it('complete several prompts, with a list of answers', async () => {
    const { status, body } = await api.post('/completion', { prompt: ['a', [1, 2]], n_predict: 1 })
    expect([status, body]).toMatchObject([
      200,
      [
        { index: 0, content: 'one', stop: true },
        { index: 1, content: 'one', stop: true },
      ],
    ])
    expect(api.inference.requests.map(({ prompt }) => prompt.kind)).toEqual(['text', 'token-ids'])
  })

  it('report probabilities, whole and streamed', async () => {
    const { body } = await api.post('/completion', { prompt: 'x', n_probs: 2 })
    expect(body.completion_probabilities).toHaveLength(3)
    expect(body.completion_probabilities[0]).toMatchObject({ id: 10, token: 'one', logprob: -0.25, top_logprobs: [{ id: 10 }, { id: 11 }] })
    expect(api.inference.requests[0]).toMatchObject({ topLogprobs: 2 })
  })

  it.each([
    ['a prompt in an object', { prompt: { prompt_string: 'x' } }, 200],
    ['a picture beside it', { prompt: { prompt_string: 'x', multimodal_data: ['AA'] } }, 400],
    ['pairs of tokens and biases', { prompt: 'x', logit_bias: [[5, false]] }, 200],
    ['a bias of words', { prompt: 'x', logit_bias: [['hi', -1]] }, 400],
    ['a bias of words among tokens', { prompt: 'x', logit_bias: { hi: 1 } }, 400],
    ['no adapters', { prompt: 'x', lora: [], image_data: [], n_cmpl: 1 }, 200],
    ['an adapter', { prompt: 'x', lora: [{ id: 0, scale: 1 }] }, 400],
    ['pictures', { prompt: 'x', image_data: [{ data: 'AA', id: 1 }] }, 400],
    ['several answers', { prompt: 'x', n_cmpl: 2 }, 400],
  ])('meet %s', async (_, body, status) => {
    expect((await api.post('/completion', body)).status).toBe(status)
  })

  it('have no adapters', async () => {
    expect((await api.get('/lora-adapters')).body).toEqual([])
  })

  it('stream pieces and then the counts', async () => {
    const response = await fetch(`${api.url}/completion`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Count:', stream: true }),
    })
    const events = (await response.text())
      .split('\n\n')
      .flatMap((event) => (event.startsWith('data: ') ? [JSON.parse(event.slice(6))] : []))
    expect(events.map(({ content, stop }) => [content, stop])).toEqual([
      ['one', false],
      [' two', false],
      [' three', false],
      ['', true],
    ])
    expect(events.at(-1)).toMatchObject({ stop_type: 'eos', tokens_predicted: 3 })
  })

  it('fill in between a prefix and a suffix, after other files', async () => {
    const { status, body } = await api.post('/infill', {
      input_prefix: 'def f(',
      input_suffix: '\n  return x',
      input_extra: [{ filename: 'a.py', text: 'x = 1' }],
      prompt: 'a',
    })
    expect([status, body.content]).toEqual([200, 'one two three'])
    expect(api.inference.requests[0]?.prompt).toEqual({ kind: 'text', text: 'a.py\nx = 1\ndef f(a', suffix: '\n  return x' })
  })

  it('describe the loaded model', async () => {
    const { status, body } = await api.get('/props')
    expect([status, body]).toMatchObject([
      200,
      {
        default_generation_settings: { n_ctx: 2048, params: { top_k: expect.any(Number), n_predict: -1 } },
        model_alias: 'org/tiny',
        chat_template: '{{ messages }}',
        eos_token: '</s>',
        bos_token: '',
      },
    ])
  })

  it('list the places for answers, and fail on request if all are taken', async () => {
    const { status, body } = await api.get('/slots')
    expect([status, body]).toEqual([
      200,
      Array.from({ length: 8 }, (_, id) => ({ id, n_ctx: 2048, speculative: false, is_processing: false })),
    ])
    expect((await api.get('/slots?fail_on_no_slot=1')).status).toBe(200)
    await api.close()
    const [instanceId, instance] = Object.entries(TEST_STATE.instances)[0]!
    const state = { ...TEST_STATE, instances: { [instanceId]: { ...instance, running: 8 } } }
    api = await startTestApi(sayWords(['x']), {}, { state: () => state })
    expect((await api.get('/slots')).body.every((slot: { is_processing: boolean }) => slot.is_processing)).toBe(true)
    expect((await api.get('/slots?fail_on_no_slot=1')).status).toBe(429)
  })
})
