import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StepCounts } from '../main/shared/step-counts.ts'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { OpenOptions, Shard } from './index.ts'

const counting = { useArrays: true, countsSteps: true } as const
const promptOf = (model: TinyModel, tokens: number, salt = 0) =>
  Array.from({ length: tokens }, (_, index) => (index * 31 + salt * 7 + 5) % model.vocabSize)

/** The counts of the steps that only decode. */
const decodes = (shard: Shard): StepCounts[] =>
  shard.steps().steps.flatMap(({ prefilledTokens, counts }) => (prefilledTokens === 0 && counts ? [counts] : []))

describe('counts of what steps cost', () => {
  let model: TinyModel, half: TinyModel, halfWithWideNorms: TinyModel

  beforeAll(() => {
    model = makeTinyModel()
    half = makeTinyModel({ tensors: (tensors) => tensors.map((tensor) => ({ ...tensor, type: 'BF16' })) })
    halfWithWideNorms = makeTinyModel({
      tensors: (tensors) => tensors.map((tensor) => ({ ...tensor, type: tensor.shape.length === 1 ? 'F32' : 'BF16' })),
    })
  })
  afterAll(() => [model, half, halfWithWideNorms].forEach((each) => each.remove()))

  async function openedFor<Result>(of: TinyModel, options: OpenOptions, use: (shard: Shard) => Promise<Result>): Promise<Result> {
    const shard = await openTiny(of, { contextTokens: 1024 }, options)
    return use(shard).finally(() => shard.close())
  }

  it('are not there unless they are asked for', () =>
    openedFor(model, { useArrays: true }, async (shard) => {
      await runGeneration(shard, { maxTokens: 4 })
      expect(shard.stats().counts).toBeUndefined()
      expect(shard.steps().steps.every(({ counts }) => counts === undefined)).toBe(true)
    }))

  it('are one evaluation and one draw for each token of one sequence, and the same in each step', () =>
    openedFor(model, counting, async (shard) => {
      await runGeneration(shard, { promptTokenIds: promptOf(model, 40), maxTokens: 12 })
      const steps = decodes(shard)
      expect(steps.length).toBeGreaterThanOrEqual(8)
      for (const step of steps) expect(step).toMatchObject({ evaluations: 1, mixedReceives: 0, kvRegrowths: 0 })
      expect(new Set(steps.slice(1).map(({ primitives }) => primitives)).size).toBe(1)
      expect(steps[1]!.primitives).toBeGreaterThan(4 * 20)
      expect(steps.every(({ hostMs }) => hostMs > 0)).toBe(true)
      // The last reported counts may be those of the second to last step.
      const total = shard.stats().counts!
      expect(total.primitives).toBeGreaterThanOrEqual(steps.slice(0, -1).reduce((sum, { primitives }) => sum + primitives, 0))
    }))

  it.each([
    ['widened', false, 4],
    ['kept', true, 2],
  ])('half floats are %s, also beside norms of float32', async (_title, keepsTypes, bytes) => {
    for (const stored of [half, halfWithWideNorms]) {
      const kvBytes = await openedFor(stored, { useArrays: true, keepsTypes }, async (shard) => {
        const seen: number[] = []
        // Long enough that a busy machine hears of a token before the last one frees the cache.
        await runGeneration(shard, { promptTokenIds: promptOf(stored, 40), maxTokens: 200 }, () => seen.push(shard.stats().kvBytes))
        return Math.max(...seen)
      })
      const numbers = kvBytes / bytes
      const perToken = 2 * stored.layers * 4 * 16
      expect(kvBytes).toBeGreaterThan(0)
      expect(numbers % perToken).toBe(0)
      expect(numbers / perToken).toBeLessThanOrEqual(256)
    }
  })

  it.each([
    [true, 0],
    [false, 1],
  ])('tell products in float32, and the keys of an attention (types are kept: %s)', (keepsTypes, least) =>
    openedFor(half, { ...counting, keepsTypes }, async (shard) => {
      await runGeneration(shard, { promptTokenIds: promptOf(half, 40), maxTokens: 12 })
      const { wideProducts, attendedKeys } = shard.stats().counts!
      expect(Math.sign(wideProducts)).toBe(least)
      expect(attendedKeys).toBeGreaterThanOrEqual(40)
    }),
  )

  it.each([2, 4])('no rank of a pipeline over %i waits for another one in the middle of its own work', async (ranks) => {
    const group = await RankGroup.open({
      modelDir: model.dir,
      layers: model.layers,
      strategy: 'pipeline',
      ranks,
      useArrays: true,
      options: counting,
    })
    await Promise.all([1, 2, 3].map((salt) => runGeneration(group, { promptTokenIds: promptOf(model, 150 * salt, salt), maxTokens: 10 })))
    for (let rank = 0; rank < ranks; rank += 1) {
      const { counts } = await group.stats(rank)
      expect(counts).toMatchObject({ mixedReceives: 0 })
      expect(counts!.evaluations).toBeGreaterThan(10)
    }
    await group.close()
  })
})
