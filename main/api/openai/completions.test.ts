import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { CompletionChunk } from '../../shared/wire/api/openai-completions.ts'
import type { Script } from '../__fixtures__/scripted-inference.ts'
import { accepted, inferenceEnd, sayWords, textToken } from '../__fixtures__/scripted-inference.ts'
import type { TestApi } from '../__fixtures__/start-test-api.ts'
import { startTestApi } from '../__fixtures__/start-test-api.ts'

const PATH = '/v1/completions'

let api: TestApi
afterEach(() => api.close())

const start = async (script: Script = sayWords([' one', ' two'])): Promise<OpenAI> => {
  api = await startTestApi(script)
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}

describe('completions', () => {
  it('take a text, with 16 tokens as OpenAI has it', async () => {
    await start()
    const { body } = await api.post(PATH, { model: 'tiny', prompt: 'hey' })
    expect(body).toMatchObject({
      object: 'text_completion',
      model: 'org/tiny',
      choices: [{ index: 0, text: ' one two', logprobs: null, finish_reason: 'stop' }],
    })
    expect(api.inference.requests[0]).toMatchObject({
      maxTokens: 16,
      prompt: { kind: 'text', text: 'hey' },
      topLogprobs: null,
      promptLogprobs: false,
    })
  })

  it.each([
    [
      'texts',
      ['a', 'b'],
      [
        { kind: 'text', text: 'a' },
        { kind: 'text', text: 'b' },
      ],
    ],
    ['token ids', [1, 2, 3], [{ kind: 'token-ids', tokenIds: [1, 2, 3] }]],
    [
      'lists of token ids',
      [[1, 2], [3]],
      [
        { kind: 'token-ids', tokenIds: [1, 2] },
        { kind: 'token-ids', tokenIds: [3] },
      ],
    ],
  ])('take %s', async (_, prompt, expected) => {
    await start()
    const { body } = await api.post(PATH, { model: 'tiny', prompt, n: 2 })
    expect(api.inference.requests.map((request) => request.prompt)).toEqual(expected)
    expect(body.choices.map((choice: { index: number }) => choice.index)).toEqual(
      Array.from({ length: expected.length * 2 }, (_, index) => index),
    )
    expect(body.usage.completion_tokens).toBe(expected.length * 4)
  })

  it('compute many prompts, eight at a time, each under an id of its own', async () => {
    let open = 0
    let most = 0
    await start(async function* (request) {
      most = Math.max(most, (open += 1))
      yield accepted(request)
      await new Promise((resolve) => setTimeout(resolve, 2))
      yield { type: 'text-delta', choiceIndex: 0, text: request.prompt.kind === 'text' ? request.prompt.text : '', tokens: [] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 1 }
      yield inferenceEnd(1, 1)
      open -= 1
    })
    const prompts = Array.from({ length: 40 }, (_, index) => `p${index}`)
    const { body } = await api.post(PATH, { model: 'tiny', prompt: prompts })
    expect(body.choices.map((choice: { text: string }) => choice.text)).toEqual(prompts)
    expect(most).toBe(8)
    expect(new Set(api.inference.requests.map((request) => request.requestId)).size).toBe(40)
  })

  it('echo the prompt with its logprobs and offsets', async () => {
    await start()
    const { body } = await api.post(PATH, { model: 'tiny', prompt: 'hey', echo: true, logprobs: 2, max_tokens: 1 })
    expect(body.choices[0]).toEqual({
      index: 0,
      text: 'hey one',
      finish_reason: 'length',
      logprobs: {
        tokens: ['he', 'y', ' one'],
        token_logprobs: [null, -0.5, -0.25],
        top_logprobs: [null, { y: -0.5, '?': -1.5 }, { ' one': -0.25, '?': -1.25 }],
        text_offset: [0, 2, 3],
      },
    })
    expect(api.inference.requests[0]).toMatchObject({ topLogprobs: 2, promptLogprobs: true })
  })

  it('score a prompt without adding to it', async () => {
    await start()
    const { body } = await api.post(PATH, { model: 'tiny', prompt: 'hey', echo: true, logprobs: 1, max_tokens: 0 })
    expect(body.choices[0]).toMatchObject({ text: 'hey', finish_reason: 'length', logprobs: { tokens: ['he', 'y'], text_offset: [0, 2] } })
    expect(api.inference.requests[0]?.maxTokens).toBe(0)
  })

  it('name tokens that are part of a character by their bytes, and count it once', async () => {
    await start(async function* (request) {
      yield accepted(request)
      const [first, second] = [
        [0xf0, 0x9f],
        [0x98, 0x80],
      ].map((bytes, tokenId) => ({ ...textToken('\ufffd', tokenId, -1), bytes, topLogprobs: [] }))
      if (!first || !second) return
      yield { type: 'text-delta', choiceIndex: 0, text: '', tokens: [first] }
      yield { type: 'text-delta', choiceIndex: 0, text: '😀', tokens: [second] }
      yield { type: 'text-delta', choiceIndex: 0, text: '!', tokens: [textToken('!', 3, -1)] }
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 3 }
      yield inferenceEnd(1, 3)
    })
    const { body } = await api.post(PATH, { model: 'tiny', prompt: 'x', logprobs: 0 })
    expect(body.choices[0]).toMatchObject({
      text: '😀!',
      logprobs: { tokens: ['bytes:\\xf0\\x9f', 'bytes:\\x98\\x80', '!'], text_offset: [0, 2, 2] },
    })
  })

  it('give token ids of prompt and answer', async () => {
    await start()
    const { body } = await api.post(PATH, { model: 'tiny', prompt: [7, 8], return_token_ids: true, ignore_eos: true })
    expect(body.choices[0]).toMatchObject({ prompt_token_ids: [7, 8], token_ids: [10, 11] })
    expect(api.inference.requests[0]?.ignoreEos).toBe(true)
  })

  it('stream what the openai client reads: the echo first, usage last', async () => {
    const client = await start()
    const stream = await client.completions.create({
      model: 'tiny',
      prompt: ['a', 'b'],
      echo: true,
      stream: true,
      stream_options: { include_usage: true },
    })
    const texts = ['', '']
    const finished: (string | null)[] = []
    let totalTokens: number | undefined
    for await (const chunk of stream) {
      CompletionChunk.parse(chunk)
      for (const choice of chunk.choices) {
        texts[choice.index] += choice.text
        if (choice.finish_reason) finished.push(choice.finish_reason)
      }
      totalTokens = chunk.usage?.total_tokens
    }
    expect({ texts, finished, totalTokens }).toEqual({ texts: ['a one two', 'b one two'], finished: ['stop', 'stop'], totalTokens: 10 })
  })
})
