import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aCard } from '../../cluster/__fixtures__/builders.ts'
import { tensorShardBytes } from './get-shard-assignments-for-tensor-parallel.ts'
import { bytesPerLayer, layerRangeBytes, modelSizes } from './model-sizes.ts'

describe('the sizes of a model', () => {
  const grouped = aCard({ layers: 10, kvHeads: 8, headDim: 128, attentionHeads: 8 })
  const latent = { ...grouped, kvLatentDim: 576 }

  it('count keys and values of all heads, or the latent alone, in the numbers of the engine that keeps them', () => {
    expect(modelSizes(grouped, 100).kvBytesPerLayer).toBe(2 * 8 * 128 * 100 * 2)
    expect(modelSizes(latent, 100).kvBytesPerLayer).toBe(576 * 100 * 2)
    expect(modelSizes(grouped, 100, 4).kvBytesPerLayer).toBe(2 * 8 * 128 * 100 * 4)
  })

  it('split the heads over tensor-parallel ranks, and not the latents', () => {
    expect(tensorShardBytes(modelSizes(grouped, 100), 4).kvBytes).toBe((10 * 2 * 8 * 128 * 100 * 2) / 4)
    expect(tensorShardBytes(modelSizes(latent, 100), 4).kvBytes).toBe(10 * 576 * 100 * 2)
  })
})

describe('the KV cache of layers with a window', () => {
  const gptOss = aCard({ layers: 24, kvHeads: 8, headDim: 64, slidingLayers: { count: 12, windowTokens: 128 } })
  const gemma = aCard({ layers: 48, kvHeads: 8, headDim: 256, slidingLayers: { count: 40, windowTokens: 1024 } })

  it.each([gptOss, gemma])('takes at most 1.2 times what windows and whole layers need', (card) => {
    const context = 32_768
    const { count, windowTokens } = card.slidingLayers!
    const needed = 2 * card.kvHeads * card.headDim * 2 * (count * windowTokens + (card.layers - count) * context)
    const counted = card.layers * modelSizes(card, context).kvBytesPerLayer
    expect(counted).toBeGreaterThan(needed)
    expect(counted).toBeLessThanOrEqual(1.2 * needed)
  })

  it('takes the whole of a context that is hardly longer than the window', () => {
    const whole = aCard({ layers: 48, kvHeads: 8, headDim: 256 })
    expect(modelSizes(gemma, 1500).kvBytesPerLayer).toBe(modelSizes(whole, 1500).kvBytesPerLayer)
    expect(modelSizes(gemma, 4096).kvBytesPerLayer).toBeLessThan(modelSizes(whole, 4096).kvBytesPerLayer)
  })
})

describe('the states of layers without keys and values', () => {
  const whole = aCard({ layers: 48, kvHeads: 2, headDim: 256 })
  const card = aCard({ layers: 48, kvHeads: 2, headDim: 256, stateLayers: { count: 36, sequenceBytes: 75_000_000 } })

  it('count for as many sequences as run at once, and do not grow with the context', () => {
    const ofTokens = (context: number) => 12 * 2 * 2 * 256 * 2 * context
    const counted = (context: number) => card.layers * modelSizes(card, context).kvBytesPerLayer
    expect(counted(1000)).toBeCloseTo(ofTokens(1000) + 8 * 75_000_000, -2)
    expect(counted(100_000) - counted(1000)).toBeCloseTo(ofTokens(99_000), -2)
    expect(counted(100_000)).toBeLessThan(card.layers * modelSizes(whole, 100_000).kvBytesPerLayer)
  })
})

describe('the layers of a model of experts', () => {
  const alike = aCard({ layers: 10, weightBytes: 1_000_000, vocabSize: 1, hiddenSize: 1, contextTokens: 1 })

  it('weigh more than the dense ones before them', () => {
    const sizes = modelSizes({ ...alike, denseLayers: { count: 2, weightRatio: 0.25 } }, 1)
    const one = sizes.layersBytes / 8.5
    expect([0, 2, 9].map((layer) => layerRangeBytes(sizes, layer, layer + 1))).toEqual(
      [one / 4, one, one].map((bytes) => expect.closeTo(bytes, -1) as number),
    )
    expect(bytesPerLayer(sizes) - sizes.kvBytesPerLayer).toBe(Math.ceil(one))
  })

  it('add up to all of them, however they are split', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 10 }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        (count, cut, weightRatio) => {
          const sizes = modelSizes({ ...alike, ...(count > 0 && { denseLayers: { count, weightRatio } }) }, 1)
          expect(layerRangeBytes(sizes, 0, cut) + layerRangeBytes(sizes, cut, 10)).toBe(sizes.layersBytes)
          for (let layer = 0; layer < 10; layer++)
            expect(layerRangeBytes(sizes, layer, layer + 1)).toBeLessThanOrEqual(bytesPerLayer(sizes))
        },
      ),
    )
  })
})
