import { describe, expect, it } from 'vitest'
import { denseLayersOf } from './dense-layers.ts'

const GLM = {
  first_k_dense_replace: 1,
  hidden_size: 100,
  intermediate_size: 300,
  moe_intermediate_size: 50,
  n_routed_experts: 20,
  n_shared_experts: 2,
  num_hidden_layers: 10,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 10,
}

describe('denseLayersOf', () => {
  it('weighs a layer without experts against one with all of them', () => {
    const attention = 2 * 100 * 80 + 2 * 100 * 20
    expect(denseLayersOf(GLM)).toEqual({ count: 1, weightRatio: (attention + 3 * 100 * 300) / (attention + 3 * 100 * 50 * 22 + 20 * 100) })
  })

  it('knows latent attention', () => {
    const latent = { ...GLM, q_lora_rank: 40, kv_lora_rank: 30, qk_nope_head_dim: 12, qk_rope_head_dim: 4, v_head_dim: 10 }
    const attention = 100 * 40 + 40 * 8 * 16 + 100 * 34 + 30 * 8 * 22 + 80 * 100
    expect(denseLayersOf(latent)?.weightRatio).toBe((attention + 90_000) / (attention + 332_000))
  })

  it('has nothing to say where all layers are alike', () => {
    expect([
      denseLayersOf({ ...GLM, first_k_dense_replace: 0 }),
      denseLayersOf({ ...GLM, n_routed_experts: null }),
      denseLayersOf({}),
    ]).toEqual([undefined, undefined, undefined])
  })
})
