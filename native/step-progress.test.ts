import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { ShardLoadProgress } from './index.ts'

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
    const { layersDone: warmedUp, stepTokens } = shard.progress()
    expect(stepTokens).toBe(0)
    const promptTokenIds = Array.from({ length: 128 }, (_, index) => (index * 31 + 5) % model.vocabSize)
    await runGeneration(shard, { promptTokenIds, maxTokens: 3 })
    const { layersDone } = shard.progress()
    const { steps } = shard.stats()
    // Three chunks of 32, 64 and 32 tokens, each of which evaluates the model's four layers.
    expect(layersDone - warmedUp).toBeGreaterThanOrEqual(3 * 4 + steps)
    await expect.poll(() => shard.progress().stepTokens).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(shard.progress().layersDone).toBe(layersDone)
    await shard.close()
    expect(shard.progress()).toEqual({ layersDone, stepTokens: 0 })
  })

  it('begins before a shard with arrays of MLX is ready: its layers have computed a prompt, and its caches are empty', async () => {
    const onProgress = vi.fn<(progress: ShardLoadProgress) => void>()
    const shard = await openTiny(model, {}, { useArrays: true, countsSteps: true }, onProgress)
    expect(shard.progress().layersDone).toBe(model.layers)
    expect(shard.stats()).toMatchObject({ steps: 0, running: 0, kvBytes: 0, prefixCacheBytes: 0 })
    const reports = onProgress.mock.calls.map(([{ loadedBytes }]) => loadedBytes)
    // One after each of its two steps, besides those of the weights.
    expect(reports.filter((loadedBytes) => loadedBytes === Math.max(...reports)).length).toBeGreaterThanOrEqual(2)
    await shard.close()
  })
})
