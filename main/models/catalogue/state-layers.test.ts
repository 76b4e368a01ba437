import { describe, expect, it } from 'vitest'
import { stateLayersOf } from './state-layers.ts'

const DELTA = {
  num_hidden_layers: 8,
  linear_num_value_heads: 32,
  linear_num_key_heads: 16,
  linear_key_head_dim: 128,
  linear_value_head_dim: 128,
  linear_conv_kernel_dim: 4,
}
const MAMBA = { mamba_n_heads: 6, mamba_d_head: 16, mamba_d_state: 24, mamba_d_conv: 4, mamba_n_groups: 2 }
const MAMBA_BYTES = 4 * (6 * 16 * 24 + 3 * (96 + 96))

describe('what a model keeps of a sequence besides keys and values', () => {
  it.each([
    ['gemma4', { num_hidden_layers: 35 }, { count: 20, sequenceBytes: 0 }],
    ['qwen3_next', DELTA, { count: 6, sequenceBytes: 6 * 4 * (32 * 128 * 128 + 3 * 8192) }],
    ['qwen3_5', { ...DELTA, full_attention_interval: 2 }, { count: 4, sequenceBytes: 4 * 4 * (32 * 128 * 128 + 3 * 8192) }],
    [
      'kimi_linear',
      { linear_attn_config: { kda_layers: [1, 2, 3, 5], num_heads: 4, head_dim: 24 } },
      { count: 4, sequenceBytes: 4 * 4 * (4 * 24 * 24 + 3 * 3 * 96) },
    ],
    [
      'nemotron_h',
      {
        hybrid_override_pattern: 'M-*EM',
        mamba_num_heads: 6,
        mamba_head_dim: 16,
        ssm_state_size: 24,
        conv_kernel: 4,
        n_groups: 2,
      },
      { count: 4, sequenceBytes: 2 * MAMBA_BYTES },
    ],
    ['granitemoehybrid', { ...MAMBA, layer_types: ['mamba', 'attention', 'mamba'] }, { count: 2, sequenceBytes: 2 * MAMBA_BYTES }],
    ['falcon_h1', { ...MAMBA, num_hidden_layers: 3 }, { count: 0, sequenceBytes: 3 * MAMBA_BYTES }],
    ['lfm2', { num_hidden_layers: 4, hidden_size: 96, conv_L_cache: 3, full_attn_idxs: [1] }, { count: 3, sequenceBytes: 3 * 4 * 2 * 96 }],
    [
      'bailing_moe_linear',
      { num_hidden_layers: 7, layer_group_size: 3, num_attention_heads: 4, hidden_size: 96, head_dim: 16 },
      { count: 4, sequenceBytes: 4 * 4 * 4 * 24 * 24 },
    ],
    [
      'bailing_hybrid',
      { num_hidden_layers: 6, layer_group_size: 3, num_attention_heads: 4, hidden_size: 96, head_dim: 32 },
      { count: 4, sequenceBytes: 4 * 4 * 4 * 32 * 32 },
    ],
  ])('%s', (family, config, expected) => {
    expect(stateLayersOf(family, config)).toEqual(expected)
  })

  it('says nothing about models without states, and about a config that lacks the sizes', () => {
    expect(stateLayersOf('llama', { num_hidden_layers: 4 })).toBeUndefined()
    expect(stateLayersOf('granitemoehybrid', { layer_types: ['attention'] })).toBeUndefined()
    expect(stateLayersOf('qwen3_next', { num_hidden_layers: 4 })).toBeUndefined()
  })
})
