import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pooling } from '../main/shared/inference/generation.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'

const prompt = (length: number, salt = 0) => Array.from({ length }, (_, index) => (index * 31 + salt * 7 + 5) % 200)

async function embed(shard: Shard, promptTokenIds: number[], pooling: Pooling): Promise<number[]> {
  const { events } = await runGeneration(shard, { promptTokenIds, maxTokens: 0, pooling })
  expect(events.at(-1)).toMatchObject({ type: 'generation-end', finishReason: 'length' })
  const vectors = events.flatMap((event) => (event.type === 'embedding' ? [event.vector] : []))
  expect(vectors).toHaveLength(1)
  return vectors[0] ?? []
}

const cosine = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)

describe.each([
  ['kernels', false],
  ['arrays', true],
])('embeddings by the %s', (_, useArrays) => {
  let model: TinyModel
  let shard: Shard

  beforeAll(async () => {
    model = makeTinyModel()
    shard = await openTiny(model, { maxBatch: 4, maxWaiting: 16, prefillChunkTokens: 16, prefixCacheBytes: 1 << 20 }, { useArrays })
  })
  afterAll(async () => {
    await shard.close()
    model.remove()
  })

  it.each(['first', 'last', 'mean'] as const)(
    'of %s are of length 1, and the same in any company and after any chunks',
    async (pooling) => {
      const alone = await embed(shard, prompt(70), pooling)
      expect(Math.hypot(...alone)).toBeCloseTo(1, 5)
      const others = [1, 2, 3].map((salt) => embed(shard, prompt(5 + 40 * salt, salt), pooling))
      const again = await embed(shard, prompt(70), pooling)
      await Promise.all(others)
      expect(cosine(alone, again)).toBeGreaterThan(0.99999)
    },
  )

  it('tell the first token, the last one and all of them apart', async () => {
    const [first, last, mean] = await Promise.all((['first', 'last', 'mean'] as const).map((pooling) => embed(shard, prompt(20), pooling)))
    expect(cosine(first ?? [], await embed(shard, prompt(1), 'last'))).toBeGreaterThan(0.99999)
    expect(cosine(last ?? [], mean ?? [])).toBeLessThan(0.999)
    // Of a prompt of one token, all are the same.
    expect(cosine(await embed(shard, prompt(1), 'mean'), await embed(shard, prompt(1), 'first'))).toBeGreaterThan(0.99999)
  })

  it('have scores in their place: the logits of some tokens after the prompt', async () => {
    const { events } = await runGeneration(shard, { promptTokenIds: prompt(40), maxTokens: 1, topLogprobs: 5 })
    const best = events.flatMap((event) => (event.type === 'token-delta' ? event.token.topLogprobs : []))
    const asked = best.map(({ tokenId }) => tokenId)
    const { events: scored } = await runGeneration(shard, {
      promptTokenIds: prompt(40),
      maxTokens: 0,
      pooling: 'scores',
      scoredTokenIds: asked,
    })
    const logits = scored.flatMap((event) => (event.type === 'embedding' ? event.vector : []))
    expect(logits).toHaveLength(5)
    for (const [index, { logprob }] of best.entries())
      expect((logits[index] ?? 0) - (logits[0] ?? 0)).toBeCloseTo(logprob - (best[0]?.logprob ?? 0), 3)
    const { last } = await runGeneration(shard, { promptTokenIds: prompt(4), maxTokens: 0, pooling: 'scores', scoredTokenIds: [999] })
    expect(last).toMatchObject({ type: 'generation-error', code: 'invalid-token' })
  })

  it('do not disturb an answer', async () => {
    const alone = await runGeneration(shard, { promptTokenIds: prompt(30), maxTokens: 12 })
    const embeddings = [0, 1, 2].map((salt) => embed(shard, prompt(60, salt), 'mean'))
    const beside = await runGeneration(shard, { promptTokenIds: prompt(30), maxTokens: 12 })
    await Promise.all(embeddings)
    expect(beside.tokenIds).toEqual(alone.tokenIds)
  })
})

it('embeddings are the same by both decoders', async () => {
  const model = makeTinyModel()
  const [kernels, arrays] = [await openTiny(model), await openTiny(model, {}, { useArrays: true })]
  for (const pooling of ['first', 'last', 'mean'] as const)
    expect(cosine(await embed(kernels, prompt(50), pooling), await embed(arrays, prompt(50), pooling))).toBeGreaterThan(0.9999)
  await Promise.all([kernels.close(), arrays.close()])
  model.remove()
})

it('embeddings are made by a model that was saved without its head', async () => {
  const bare = makeTinyModel({
    tensors: (tensors) =>
      tensors.filter(({ name }) => name !== 'lm_head.weight').map((tensor) => ({ ...tensor, name: tensor.name.replace(/^model\./, '') })),
  })
  const whole = makeTinyModel()
  const [shard, reference] = [await openTiny(bare), await openTiny(whole)]
  expect(cosine(await embed(shard, prompt(20), 'last'), await embed(reference, prompt(20), 'last'))).toBeGreaterThan(0.99999)
  await Promise.all([shard.close(), reference.close()])
  bare.remove()
  whole.remove()
})
