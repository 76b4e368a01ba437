import { describe, expect, it } from 'vitest'
import { describeDecoder } from '../describe-decoder.ts'

const SIZES = { hidden_size: 96, num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 128, vocab_size: 256 }
const NEMOTRON = {
  ...SIZES,
  model_type: 'nemotron_h',
  attention_bias: false,
  mlp_bias: false,
  mamba_num_heads: 6,
  mamba_head_dim: 16,
  mamba_proj_bias: false,
  ssm_state_size: 24,
  conv_kernel: 4,
  n_groups: 2,
  use_conv_bias: true,
  layer_norm_epsilon: 1e-5,
  hybrid_override_pattern: 'M-*M',
}
const LFM2 = { ...SIZES, model_type: 'lfm2', num_hidden_layers: 3, norm_eps: 1e-5, conv_bias: false, conv_L_cache: 3 }
const FF = { block_ff_dim: 200, block_multiple_of: 16, block_auto_adjust_ff_dim: true }
const describeNemotron = (changed: object) => describeDecoder({ ...NEMOTRON, ...changed }, 'config.json')

describe('nemotron_h', () => {
  it('counts layers by the pattern, as letters or as names', () => {
    const halves = ['first', 'second', 'first', 'first']
    expect(describeNemotron({ num_hidden_layers: 99 })).toMatchObject({ layers: 4, halves })
    const named = { hybrid_override_pattern: null, layers_block_type: ['mamba', 'mlp', 'attention', 'linear_attention'] }
    expect(describeNemotron(named).halves).toEqual(halves)
    expect(describeNemotron(named).states.map((state) => state?.kind ?? null)).toEqual(['mamba', null, null, 'mamba'])
  })

  it('takes a step without an upper limit', () => {
    const stepRange = (limit: unknown) => describeNemotron({ time_step_limit: limit }).states[0]
    expect(stepRange(null)).toMatchObject({ stepRange: [0, Number.MAX_VALUE] })
    expect(stepRange([0, Number.POSITIVE_INFINITY])).toMatchObject({ stepRange: [0, Number.POSITIVE_INFINITY] })
  })

  it.each([
    [{ hybrid_override_pattern: 'MX' }, /hybrid_override_pattern/],
    [{ hybrid_override_pattern: null }, /layers_block_type/],
    [{ hybrid_override_pattern: 'ME' }, /n_routed_experts/],
    [{ mlp_hidden_act: 'gelu' }, /mlp_hidden_act/],
    [{ n_groups: 4 }, /n_groups/],
    [{ time_step_limit: [1, 0] }, /time_step_limit/],
  ])('refuses %j by name', (changed, message) => {
    expect(() => describeNemotron(changed)).toThrow(message)
  })
})

describe('lfm2', () => {
  it('rounds the width of its dense parts up to a multiple', () => {
    const width = (changed: object) =>
      describeDecoder({ ...LFM2, ...FF, full_attn_idxs: [1], ...changed }, 'config.json').feedForward[0]?.always?.width
    expect(width({})).toBe(144)
    expect(width({ block_ffn_dim_multiplier: 1.2 })).toBe(160)
    expect(width({ block_auto_adjust_ff_dim: false })).toBe(200)
    expect(width({ block_ff_dim: null })).toBe(96)
  })

  it('finds its attention by index or by type', () => {
    const kinds = (changed: object) => describeDecoder({ ...LFM2, ...FF, ...changed }, 'config.json').states.map((state) => state !== null)
    expect(kinds({ full_attn_idxs: [1] })).toEqual([true, false, true])
    expect(kinds({ layer_types: ['full_attention', 'conv', 'conv'] })).toEqual([false, true, true])
    expect(() => kinds({})).toThrow(/layer_types/)
    expect(() => kinds({ layer_types: ['conv', 'conv', 'linear'] })).toThrow(/linear/)
  })
})
