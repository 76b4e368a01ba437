import { describe, expect, it } from 'vitest'
import { describeDecoder } from '../family/describe-decoder.ts'
import { TensorCatalog } from '../weights/tensor-catalog.ts'
import { planDecoder } from './plan-decoder.ts'

const config = {
  model_type: 'deepseek_v3',
  hidden_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 6,
  intermediate_size: 96,
  vocab_size: 100,
  rms_norm_eps: 1e-6,
  moe_intermediate_size: 32,
  n_routed_experts: null,
  num_experts_per_tok: 2,
  kv_lora_rank: 32,
  q_lora_rank: 24,
  qk_rope_head_dim: 16,
  qk_nope_head_dim: 48,
  v_head_dim: 40,
}
const model = describeDecoder(config, 'config.json')

const layer = 'model.layers.0.'
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  'model.embed_tokens.weight': [100, 64],
  'model.norm.weight': [64],
  'lm_head.weight': [100, 64],
  [`${layer}input_layernorm.weight`]: [64],
  [`${layer}post_attention_layernorm.weight`]: [64],
  [`${layer}self_attn.q_a_proj.weight`]: [24, 64],
  [`${layer}self_attn.q_a_layernorm.weight`]: [24],
  [`${layer}self_attn.q_b_proj.weight`]: [6 * 64, 24],
  [`${layer}self_attn.kv_a_proj_with_mqa.weight`]: [48, 64],
  [`${layer}self_attn.kv_a_layernorm.weight`]: [32],
  [`${layer}self_attn.o_proj.weight`]: [64, 6 * 40],
  [`${layer}mlp.gate_proj.weight`]: [96, 64],
  [`${layer}mlp.up_proj.weight`]: [96, 64],
  [`${layer}mlp.down_proj.weight`]: [64, 96],
}
const PER_HEAD = { [`${layer}self_attn.embed_q.weight`]: [6, 32, 48], [`${layer}self_attn.unembed_out.weight`]: [6, 40, 32] }
const JOINED = { [`${layer}self_attn.kv_b_proj.weight`]: [6 * 88, 32] }

/** A catalog with every tensor at a different place. */
function catalogOf(shapes: Readonly<Record<string, readonly number[]>>): TensorCatalog {
  const places = Object.entries(shapes).map(([name, shape], index) => ({
    name,
    file: 0,
    offsetBytes: index * 1_000_000,
    type: 'F32',
    shape,
  }))
  return new TensorCatalog(['model.safetensors'], places)
}

const planOf = (catalog: TensorCatalog, rank = 0, worldSize = 1) =>
  planDecoder(model, catalog, { strategy: 'tensor', rank, worldSize, layers: { start: 0, end: 1 }, dequantize: false }).layers[0]

describe('the plan of latent attention', () => {
  it('gives a rank its heads, and the narrow layers whole', () => {
    const plan = planOf(catalogOf({ ...SHAPES, ...PER_HEAD }), 1, 3)
    expect(plan?.attention).toMatchObject({
      heads: 2,
      latent: { isKeyLayout: false, queryUp: { weight: { rowRange: { start: 128, end: 256 } } } },
    })
    const start = plan?.attention.latent?.toLatent.map(({ weight }) => weight.offsetBytes % 1_000_000)
    expect(start).toEqual([2 * 32 * 48 * 4, 3 * 32 * 48 * 4])
    expect(plan?.queryKeyValue.map(({ weight }) => weight.rowRange)).toEqual([
      { start: 0, end: 24 },
      { start: 0, end: 48 },
    ])
    expect(plan?.attentionOutput[0]?.weight.columnRange).toEqual({ start: 80, end: 160 })
  })

  it('finds keys and values of a head by turns where the checkpoint joins them', () => {
    const latent = planOf(catalogOf({ ...SHAPES, ...JOINED }), 1, 3)?.attention.latent
    expect(latent?.isKeyLayout).toBe(true)
    expect(latent?.toLatent.map(({ weight }) => weight.offsetBytes % 1_000_000)).toEqual([2 * 88 * 32 * 4, 3 * 88 * 32 * 4])
    expect(latent?.fromLatent.map(({ weight }) => weight.offsetBytes % 1_000_000)).toEqual([(2 * 88 + 48) * 32 * 4, (3 * 88 + 48) * 32 * 4])
  })

  it('says which count the ranks do not divide', () => {
    expect(() => planOf(catalogOf({ ...SHAPES, ...PER_HEAD }), 0, 4)).toThrow(
      expect.objectContaining({ code: 'strategy-unsupported', message: expect.stringContaining('6 attention heads') as string }) as Error,
    )
  })
})
