import { describe, expect, it } from 'vitest'
import { describeDecoder } from '../../family/describe-decoder.ts'
import { TensorCatalog } from '../../weights/tensor-catalog.ts'
import { planDecoder } from '../plan-decoder.ts'

const SIZES = {
  hidden_size: 32,
  num_hidden_layers: 2,
  intermediate_size: 48,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  head_dim: 16,
  vocab_size: 100,
  rms_norm_eps: 1e-6,
  linear_num_key_heads: 2,
  linear_num_value_heads: 4,
  linear_key_head_dim: 8,
  linear_value_head_dim: 6,
  linear_conv_kernel_dim: 4,
  full_attention_interval: 2,
}
const CHANNELS = 2 * 2 * 8 + 4 * 6
const NEXT = { ...SIZES, model_type: 'qwen3_next', num_experts: 0 }
const QWEN35 = { model_type: 'qwen3_5', text_config: { ...SIZES, model_type: 'qwen3_5_text' } }

/** Layer 0 has a delta net and layer 1 has attention; both are dense. */
function catalogOf(prefix: string, projections: Readonly<Record<string, number>>, convolution: readonly number[]): TensorCatalog {
  const weights: Record<string, readonly number[]> = {
    [`${prefix}embed_tokens.weight`]: [100, 32],
    [`${prefix}norm.weight`]: [32],
    [`${prefix === 'language_model.model.' ? 'language_model.' : ''}lm_head.weight`]: [100, 32],
  }
  for (const layer of [0, 1]) {
    const at = `${prefix}layers.${layer}.`
    for (const norm of ['input_layernorm', 'post_attention_layernorm']) weights[`${at}${norm}.weight`] = [32]
    for (const name of ['gate_proj', 'up_proj']) weights[`${at}mlp.${name}.weight`] = [48, 32]
    weights[`${at}mlp.down_proj.weight`] = [32, 48]
  }
  const delta = `${prefix}layers.0.linear_attn.`
  for (const [name, rows] of Object.entries(projections)) weights[`${delta}${name}.weight`] = [rows, 32]
  weights[`${delta}conv1d.weight`] = convolution
  weights[`${delta}A_log`] = [4]
  weights[`${delta}dt_bias`] = [4]
  weights[`${delta}norm.weight`] = [6]
  weights[`${delta}out_proj.weight`] = [32, 24]
  const attention = `${prefix}layers.1.self_attn.`
  weights[`${attention}q_proj.weight`] = [64, 32]
  for (const name of ['k_proj', 'v_proj']) weights[`${attention}${name}.weight`] = [32, 32]
  for (const name of ['q_norm', 'k_norm']) weights[`${attention}${name}.weight`] = [16]
  weights[`${attention}o_proj.weight`] = [32, 32]
  return new TensorCatalog(
    ['model.safetensors'],
    Object.entries(weights).map(([name, shape]) => ({ name, file: 0, offsetBytes: 0, type: 'F32', shape })),
  )
}

const BY_KEY_HEAD = { in_proj_qkvz: CHANNELS + 24, in_proj_ba: 8 }
const BY_KIND = { in_proj_qkv: CHANNELS, in_proj_z: 24, in_proj_b: 4, in_proj_a: 4 }
const alone = { strategy: 'pipeline', rank: 0, worldSize: 1, layers: { start: 0, end: 2 }, dequantize: false } as const
const ofTwo = { ...alone, strategy: 'tensor', rank: 1, worldSize: 2 } as const
const planOf = (config: object, catalog: TensorCatalog, place: Parameters<typeof planDecoder>[2] = alone) =>
  planDecoder(describeDecoder(config, 'config.json'), catalog, place)

describe('planDeltaNet', () => {
  it('brings projections that lie head by head into the order of kinds', () => {
    const plan = planOf(NEXT, catalogOf('model.', BY_KEY_HEAD, [CHANNELS, 4, 1]))
    expect(plan.keepsState).toBe(true)
    const rows = plan.layers[0]?.queryKeyValue.map(({ weight }) => [weight.offsetBytes / (4 * 32), weight.rowRange.end])
    // A key head's rows in the file: query 8, key 8, values 12, gates 12; then strengths 2, decays 2 in the other projection.
    expect(rows).toEqual([
      [0, 8],
      [40, 8],
      [8, 8],
      [48, 8],
      [16, 12],
      [56, 12],
      [28, 12],
      [68, 12],
      [0, 2],
      [4, 2],
      [2, 2],
      [6, 2],
    ]) // prettier-ignore
    expect(plan.layers[0]?.attention).toMatchObject({ heads: 0, kvHeads: 0, deltaNet: { keyHeads: 2, valueHeads: 4, kernel: 4 } })
  })

  it('takes the gates of an attention out of its queries, head by head', () => {
    const [, layer] = planOf(NEXT, catalogOf('model.', BY_KEY_HEAD, [CHANNELS, 4, 1])).layers
    expect(layer?.attention).toMatchObject({ deltaNet: null, outputGate: 'element-sigmoid' })
    const rows = layer?.queryKeyValue.map(({ weight }) => [weight.name.split('.').at(-2), weight.offsetBytes / (4 * 32)])
    expect(rows).toEqual([
      ['q_proj', 0],
      ['q_proj', 32],
      ['k_proj', 0],
      ['v_proj', 0],
      ['q_proj', 16],
      ['q_proj', 48],
    ]) // prettier-ignore
  })

  it('gives a rank its share of heads, channels and inputs', () => {
    const [layer] = planOf(QWEN35, catalogOf('language_model.model.', BY_KIND, [CHANNELS, 4, 1]), ofTwo).layers
    expect(layer?.attention.deltaNet).toMatchObject({
      keyHeads: 1,
      valueHeads: 2,
      convolution: [{ rowRange: { start: 8, end: 16 } }, { rowRange: { start: 24, end: 32 } }, { rowRange: { start: 44, end: 56 } }],
      decayLog: { columnRange: { start: 2, end: 4 } },
      norm: { columnRange: { start: 0, end: 6 } },
    })
    expect(layer?.queryKeyValue.map(({ weight: { rowRange } }) => rowRange.end - rowRange.start)).toEqual([8, 8, 12, 12, 2, 2])
    expect(layer?.attentionOutput[0]?.weight.columnRange).toEqual({ start: 12, end: 24 })
  })

  it('adds 1 to the norms of original checkpoints, which it knows by their convolutions', () => {
    expect(planOf(QWEN35, catalogOf('model.language_model.', BY_KIND, [CHANNELS, 1, 4])).normOffset).toBe(1)
    expect(planOf(QWEN35, catalogOf('model.language_model.', BY_KIND, [CHANNELS, 4, 1])).normOffset).toBe(0)
  })

  it('refuses heads that do not divide', () => {
    expect(() => describeDecoder({ ...NEXT, linear_num_key_heads: 3 }, 'config.json')).toThrow(/linear_num_key_heads/)
  })
})
