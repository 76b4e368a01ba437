import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'

describe('the progress of a step', () => {
  let model: TinyModel

  beforeAll(() => {
    model = makeTinyModel()
  })
  afterAll(() => model.remove())

  it.each([
    ['the kernels of the CPU', false],
    ['arrays of MLX', true],
  ])('F1: counts layers with %s, and no tokens between steps', async (_name, useArrays) => {
    const shard = await openTiny(model, { prefillChunkTokens: 64 }, { useArrays })
    expect(shard.progress()).toEqual({ layersDone: 0, stepTokens: 0 })
    const promptTokenIds = Array.from({ length: 128 }, (_, index) => (index * 31 + 5) % model.vocabSize)
    await runGeneration(shard, { promptTokenIds, maxTokens: 3 })
    const { layersDone } = shard.progress()
    const { steps } = shard.stats()
    // Three chunks of 32, 64 and 32 tokens, each of which evaluates the model's four layers.
    expect(layersDone).toBeGreaterThanOrEqual(3 * 4 + steps)
    await expect.poll(() => shard.progress().stepTokens).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(shard.progress().layersDone).toBe(layersDone)
    await shard.close()
    expect(shard.progress()).toEqual({ layersDone, stepTokens: 0 })
  })
})
