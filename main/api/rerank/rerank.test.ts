import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accepted, inferenceEnd, type Script } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

/** The logit of a document is its length, less 3. */
const score: Script = async function* (request) {
  const { prompt } = request
  const length = prompt.kind === 'pair' ? prompt.document.length : 0
  yield accepted(request)
  yield { type: 'embedding', vector: length > 20 ? [1, 2, 3] : [length - 3] }
  yield { type: 'choice-end', choiceIndex: 0, finishReason: 'length', stopString: null, completionTokens: 0 }
  yield inferenceEnd(length, 0)
}
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value))

let api: TestApi
beforeEach(async () => {
  api = await startTestApi(score)
})
afterEach(() => api.close())

describe('reranking', () => {
  it("puts documents in order, in Jina's shape and Cohere's", async () => {
    const { status, body } = await api.post('/v1/rerank', { model: 'tiny', query: 'q', documents: ['abc', 'abcde', { text: 'a' }] })
    expect(status).toBe(200)
    expect(body.results).toEqual([
      { index: 1, relevance_score: sigmoid(2), document: { text: 'abcde' } },
      { index: 0, relevance_score: 0.5, document: { text: 'abc' } },
      { index: 2, relevance_score: sigmoid(-2), document: { text: 'a' } },
    ])
    expect(body).toMatchObject({
      object: 'list',
      model: 'org/tiny',
      usage: { total_tokens: 9 },
      meta: { billed_units: { search_units: 1 } },
    })
    expect(api.inference.requests[0]).toMatchObject({ embeds: true, maxTokens: 0, prompt: { kind: 'pair', query: 'q', document: 'abc' } })
  })

  it.each(['/v2/rerank', '/rerank', '/reranking', '/v1/reranking'])('is at %s, with the best documents only', async (path) => {
    const { status, body } = await api.post(path, {
      model: 'tiny',
      query: 'q',
      documents: ['abc', 'abcde'],
      top_n: 1,
      return_documents: false,
    })
    expect([status, body.results]).toEqual([200, [{ index: 1, relevance_score: sigmoid(2) }]])
  })

  it('takes the fields of other clients', async () => {
    await api.post('/rerank', {
      model: 'tiny',
      query: { text: 'q' },
      texts: [{ title: 'T', body: 'B' }],
      rank_fields: ['title', 'body'],
      top_n: 0,
      max_tokens_per_doc: 7,
      instruction: 'Find it',
    })
    expect(api.inference.requests[0]?.prompt).toEqual({
      kind: 'pair',
      query: 'q',
      document: 'title: T\nbody: B',
      instruction: 'Find it',
      documentTokens: 7,
    })
  })

  it.each([
    [{ query: 'q', documents: [] }, 'documents'],
    [{ query: '', documents: ['a'] }, 'query'],
    [{ query: 'q', documents: [{ image: 'x' }] }, 'documents'],
    [{ query: 'q', documents: ['more than twenty letters'] }, 'model'],
  ])('of %j is refused by name', async (request, field) => {
    const { status, body } = await api.post('/v1/rerank', { model: 'tiny', ...request })
    expect(status).toBe(400)
    expect(body.error.param).toContain(field)
  })
})
