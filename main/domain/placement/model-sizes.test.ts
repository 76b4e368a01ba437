import { describe, expect, it } from 'vitest'
import { aCard } from '../cluster/__fixtures__/builders.ts'
import { tensorShardBytes } from './get-shard-assignments-for-tensor-parallel.ts'
import { modelSizes } from './model-sizes.ts'

describe('the sizes of a model', () => {
  const grouped = aCard({ layers: 10, kvHeads: 8, headDim: 128, attentionHeads: 8 })
  const latent = { ...grouped, kvLatentDim: 576 }

  it('count keys and values of all heads, or the latent alone, in 16 bits', () => {
    expect(modelSizes(grouped, 100).kvBytesPerLayer).toBe(2 * 8 * 128 * 100 * 2)
    expect(modelSizes(latent, 100).kvBytesPerLayer).toBe(576 * 100 * 2)
  })

  it('split the heads over tensor-parallel ranks, and not the latents', () => {
    expect(tensorShardBytes(modelSizes(grouped, 100), 4).kvBytes).toBe((10 * 2 * 8 * 128 * 100 * 2) / 4)
    expect(tensorShardBytes(modelSizes(latent, 100), 4).kvBytes).toBe(10 * 576 * 100 * 2)
  })
})
