import { afterEach, describe, expect, it } from 'vitest'
import { makeForeignModel, type ForeignForm } from './__fixtures__/foreign-model.ts'
import { makeFusedExperts } from './__fixtures__/fused-experts.ts'
import { makeOriginalGptOss } from './__fixtures__/original-gpt-oss.ts'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { openTiny, runGeneration, type GenerationRun } from './__fixtures__/run-generation.ts'
import type { TinyModel } from './__fixtures__/tiny-model.ts'

const input = { promptTokenIds: Array.from({ length: 40 }, (_, index) => (index * 31 + 5) % 200), maxTokens: 12, topLogprobs: 1 }
const models: TinyModel[] = []
afterEach(() => models.splice(0).forEach((model) => model.remove()))

function make(form: ForeignForm): ReturnType<typeof makeForeignModel> {
  const made = makeForeignModel(form)
  models.push(made.foreign, made.twin)
  return made
}

async function answer(model: TinyModel, useArrays: boolean): Promise<GenerationRun> {
  const shard = await openTiny(model, {}, { useArrays })
  try {
    return await runGeneration(shard, input)
  } finally {
    await shard.close()
  }
}

const logprobsOf = ({ events }: GenerationRun): number[] =>
  events.flatMap((event) => (event.type === 'token-delta' ? [event.token.logprob ?? Number.NaN] : []))

describe('weights in the layout of another program', { timeout: 60_000 }, () => {
  const exact = ['awq', 'gptq', 'gptq_v2', 'gptq-8', 'packed', 'packed-with-zeros'] as const

  it.each(exact.flatMap((form) => [false, true].map((useArrays) => [form, useArrays] as const)))(
    '%s are the numbers of its twin in MLX’s layout (MLX operations: %s)',
    async (form, useArrays) => {
      const { foreign, twin } = make(form)
      const [read, expected] = [await answer(foreign, useArrays), await answer(twin, useArrays)]
      expect(expected.tokenIds).toHaveLength(12)
      expect(read.tokenIds).toEqual(expected.tokenIds)
      expect(logprobsOf(read)).toEqual(logprobsOf(expected))
    },
  )

  it.each([false, true])('the experts of the original gpt-oss are those of its twin (MLX operations: %s)', async (useArrays) => {
    const { foreign, twin } = makeOriginalGptOss()
    models.push(foreign, twin)
    const [read, expected] = [await answer(foreign, useArrays), await answer(twin, useArrays)]
    expect(expected.tokenIds).toHaveLength(12)
    expect(read.tokenIds).toEqual(expected.tokenIds)
    expect(logprobsOf(read)).toEqual(logprobsOf(expected))
  })

  const fused = (['turns', 'turned', 'halves'] as const).flatMap((form) => [false, true].map((useArrays) => [form, useArrays] as const))
  it.each(fused)(
    'experts without quantization in one tensor (%s) are those of their twin (MLX operations: %s)',
    async (form, useArrays) => {
      const { foreign, twin } = makeFusedExperts(form)
      models.push(foreign, twin)
      const [read, expected] = [await answer(foreign, useArrays), await answer(twin, useArrays)]
      expect(expected.tokenIds).toHaveLength(12)
      expect(read.tokenIds).toEqual(expected.tokenIds)
      expect(logprobsOf(read)).toEqual(logprobsOf(expected))
    },
  )

  it('experts without quantization in one tensor are shared by the ranks of a tensor-parallel group', async () => {
    const { foreign, twin } = makeFusedExperts('turns')
    models.push(foreign, twin)
    const place = { modelDir: foreign.dir, layers: foreign.layers, strategy: 'tensor', ranks: 2, useArrays: false } as const
    const group = await RankGroup.open({ ...place, ring: 'bare' })
    expect((await runGeneration(group, input)).tokenIds).toEqual((await answer(twin, false)).tokenIds)
    await group.close()
  })

  const close = [
    ...(['fp8-blocks', 'fp8-powers', 'fp8-rows', 'nvfp4', 'nvfp4-global', 'nvfp4-packed', 'nvfp4-modelopt'] as const),
    ...(['gptq-ordered', 'packed-ordered', 'packed-ordered-with-zeros'] as const),
  ]
  it.each(close.flatMap((form) => [false, true].map((useArrays) => [form, useArrays] as const)))(
    '%s are close to their values (MLX operations: %s)',
    async (form, useArrays) => {
      const { foreign, twin } = make(form)
      const [read, expected] = [await answer(foreign, useArrays), await answer(twin, useArrays)]
      expect(read.tokenIds).toEqual(expected.tokenIds)
      for (const [index, logprob] of logprobsOf(read).entries())
        expect(Math.abs(logprob - (logprobsOf(expected)[index] ?? 0))).toBeLessThan(0.1)
    },
  )

  it.each(['awq', 'gptq', 'packed-with-zeros', 'fp8-blocks', 'gptq-ordered', 'packed-ordered-with-zeros', 'nvfp4-packed'] as const)(
    '%s: each rank of a tensor-parallel group reads its part',
    async (form) => {
      const { foreign } = make(form)
      const expected = await answer(foreign, false)
      const group = await RankGroup.open({
        modelDir: foreign.dir,
        layers: foreign.layers,
        strategy: 'tensor',
        ranks: 2,
        useArrays: false,
        ring: 'bare',
      })
      expect((await runGeneration(group, input)).tokenIds).toEqual(expected.tokenIds)
      await group.close()
    },
  )
})
