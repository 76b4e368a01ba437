import { describe, expect, it } from 'vitest'
import { describeDecoder } from './describe-decoder.ts'

const describeConfig = (config: Readonly<Record<string, unknown>>) => describeDecoder(config, 'config.json')

const LATENT = {
  model_type: 'deepseek_v3',
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 96,
  vocab_size: 100,
  rms_norm_eps: 1e-6,
  moe_intermediate_size: 32,
  n_routed_experts: 8,
  num_experts_per_tok: 2,
  n_group: 4,
  topk_group: 2,
  kv_lora_rank: 32,
  q_lora_rank: null,
  qk_rope_head_dim: 16,
  qk_nope_head_dim: 48,
  v_head_dim: 32,
}

describe('a config.json of DeepSeek', () => {
  it('enlarges products of queries and keys as yarn does, beyond what the rotation does', () => {
    const yarn = { type: 'yarn', factor: 40, mscale: 1, mscale_all_dim: 1, original_max_position_embeddings: 64 }
    const magnitude = 0.1 * Math.log(40) + 1
    const model = describeConfig({ ...LATENT, rope_scaling: yarn })
    expect(model.attentionScale).toBeCloseTo(64 ** -0.5 * magnitude ** 2, 12)
    expect(model.rope.magnitude).toBe(1)
    expect(describeConfig(LATENT).attentionScale).toBe(64 ** -0.5)
  })

  it('is refused where it contradicts itself', () => {
    expect(() => describeConfig({ ...LATENT, n_group: 3 })).toThrow(
      expect.objectContaining({ code: 'model-damaged', message: expect.stringContaining('n_group (3)') as string }) as Error,
    )
    expect(() => describeConfig({ ...LATENT, scoring_func: 'softmax' })).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }) as Error,
    )
  })
})
