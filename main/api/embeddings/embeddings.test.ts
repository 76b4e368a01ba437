import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { accepted, inferenceEnd, sayWords, type Script } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const textOf = ({ prompt }: InferenceRequest): string =>
  prompt.kind === 'text' ? prompt.text : prompt.kind === 'token-ids' ? prompt.tokenIds.join() : ''

/** A vector that depends on the text: [0.6, 0.8, 0] rotated by its length, so that each text has another. */
const vectorOf = (text: string): number[] => [0.6, 0.8, 0].map((_, index) => [0.6, 0.8, 0][(index + text.length) % 3] ?? 0)

/** Short texts finish last. */
const embed: Script = async function* (request) {
  const text = textOf(request)
  if (text.length < 2) await new Promise((resolve) => setTimeout(resolve, 30))
  yield accepted(request)
  yield { type: 'embedding', vector: vectorOf(text) }
  yield { type: 'choice-end', choiceIndex: 0, finishReason: 'length', stopString: null, completionTokens: 0 }
  yield inferenceEnd(text.length, 0)
}

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(embed)
})
afterEach(() => api.close())

describe("embeddings by OpenAI's API", () => {
  it('come in the order of the texts, with their usage', async () => {
    const { status, body } = await api.post('/v1/embeddings', { model: 'tiny', input: ['a', 'bcd', 'efghi'] })
    expect(status).toBe(200)
    expect(body).toEqual({
      object: 'list',
      data: ['a', 'bcd', 'efghi'].map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })),
      model: 'org/tiny',
      usage: { prompt_tokens: 9, total_tokens: 9 },
    })
    expect(api.inference.requests.map(({ embeds, maxTokens }) => [embeds, maxTokens])).toEqual(Array(3).fill([true, 0]))
  })

  it('are of one text, of token ids, and of several of them', async () => {
    for (const [input, prompts] of [
      ['a text', [{ kind: 'text', text: 'a text' }]],
      [[1, 2], [{ kind: 'token-ids', tokenIds: [1, 2] }]],
      [
        [[1], [2, 3]],
        [
          { kind: 'token-ids', tokenIds: [1] },
          { kind: 'token-ids', tokenIds: [2, 3] },
        ],
      ],
    ]) {
      api.inference.requests.length = 0
      const { status, body } = await api.post('/v1/embeddings', { model: 'tiny', input })
      expect([status, body.data.length]).toEqual([200, prompts?.length])
      expect(api.inference.requests.map(({ prompt }) => prompt)).toEqual(prompts)
    }
  })

  it('are the same for the client, which asks for base64, and as floats', async () => {
    const client = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'x' })
    const { data } = await client.embeddings.create({ model: 'tiny', input: 'abc' })
    const floats = await client.embeddings.create({ model: 'tiny', input: 'abc', encoding_format: 'float' })
    expect(floats.data[0]?.embedding).toEqual(vectorOf('abc'))
    for (const [index, value] of vectorOf('abc').entries()) expect(data[0]?.embedding[index]).toBeCloseTo(value, 6)
  })

  it('are as short as they are wanted, of length 1, and no longer than the model has them', async () => {
    const { body } = await api.post('/v1/embeddings', { model: 'tiny', input: 'abc', dimensions: 1 })
    expect(body.data[0].embedding).toEqual([1])
    const refused = await api.post('/v1/embeddings', { model: 'tiny', input: 'abc', dimensions: 4 })
    expect([refused.status, refused.body.error.param]).toEqual([400, 'dimensions'])
    expect(refused.body.error.message).toMatch(/have 3 numbers/)
  })

  it.each([
    ['without /v1', '/embeddings', { model: 'tiny', input: 'abc' }],
    ['with empty settings', '/v1/embeddings', { model: 'tiny', input: 'abc', user: 7, dimensions: null, encoding_format: null }],
    ['with the text as content', '/v1/embeddings', { model: 'tiny', content: 'abc' }],
  ])('are had %s', async (_, path, request) => {
    const { status, body } = await api.post(path, request)
    expect([status, body.data[0].embedding]).toEqual([200, vectorOf('abc')])
  })

  it('that a node of an older version does not compute are an error with the way out', async () => {
    const older = await startTestApi(sayWords([]))
    try {
      const { status, body } = await older.post('/v1/embeddings', { model: 'tiny', input: 'abc' })
      expect(status).toBeGreaterThanOrEqual(500)
      expect(body.error.message).toMatch(/Update it/)
    } finally {
      await older.close()
    }
  })
})

describe("embeddings by Ollama's API", () => {
  it('are of one text, of several, and of none', async () => {
    const client = new Ollama({ host: api.url })
    expect(await client.embed({ model: 'tiny', input: 'abc' })).toMatchObject({
      model: 'tiny',
      embeddings: [vectorOf('abc')],
      prompt_eval_count: 3,
    })
    const { embeddings } = await client.embed({ model: 'tiny', input: ['a', 'bcde'] })
    expect(embeddings).toEqual([vectorOf('a'), vectorOf('bcde')])
    expect((await client.embed({ model: 'tiny', input: [] })).embeddings).toEqual([])
  })

  it('by the older route are of one prompt', async () => {
    const { status, body } = await api.post('/api/embeddings', { model: 'tiny', prompt: 'abc' })
    expect([status, body]).toEqual([200, { embedding: vectorOf('abc') }])
  })

  it('leave the end of too long a text out, unless that is not wanted', async () => {
    await api.post('/api/embed', { model: 'tiny', input: 'abc' })
    await api.post('/api/embed', { model: 'tiny', input: 'abc', truncate: false, dimensions: 2 })
    expect(api.inference.requests.map(({ tokenRules }) => tokenRules)).toEqual([{ cutsPromptEnd: true }, undefined])
  })

  it('of a model that is not here are refused in its own shape', async () => {
    const { status, body } = await api.post('/api/embed', { input: 'abc' })
    expect([status, typeof body.error]).toEqual([400, 'string'])
  })
})
