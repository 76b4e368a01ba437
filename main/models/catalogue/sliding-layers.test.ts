import { describe, expect, it } from 'vitest'
import { slidingLayersOf } from './sliding-layers.ts'

const SLIDING = ['sliding_attention', 'full_attention', 'sliding_attention', 'sliding_attention']

describe('which layers of a model have a window', () => {
  it.each([
    ['gpt_oss', { num_hidden_layers: 24, sliding_window: 128 }, { count: 12, windowTokens: 128 }],
    ['gpt_oss', { num_hidden_layers: 4, layer_types: SLIDING }, { count: 3, windowTokens: 128 }],
    ['gemma3_text', { num_hidden_layers: 26 }, { count: 22, windowTokens: 512 }],
    ['gemma3', { num_hidden_layers: 48, sliding_window: 1024, sliding_window_pattern: 6 }, { count: 40, windowTokens: 1024 }],
    ['gemma3', { num_hidden_layers: 4, sliding_window: 1024, layer_types: SLIDING }, { count: 3, windowTokens: 1024 }],
    ['llama', { num_hidden_layers: 4, sliding_window: 40, layer_types: SLIDING }, { count: 3, windowTokens: 40 }],
    ['olmo3', { num_hidden_layers: 8 }, { count: 6, windowTokens: 4096 }],
    ['cohere2', { num_hidden_layers: 8, sliding_window: 16, sliding_window_pattern: 2 }, { count: 4, windowTokens: 16 }],
    ['exaone4', { num_hidden_layers: 8, sliding_window: 16, sliding_window_pattern: 'LLLG' }, { count: 6, windowTokens: 16 }],
    ['deepseek_v41', { num_hidden_layers: 6, sliding_window: 16, kv_source_layer_ids: [1, 3] }, { count: 4, windowTokens: 16 }],
    ['gemma4', { num_hidden_layers: 35, num_kv_shared_layers: 20 }, { count: 12, windowTokens: 512 }],
    ['step3p5', { num_hidden_layers: 4, layer_types: SLIDING }, { count: 3, windowTokens: 512 }],
    ['ministral3', { num_hidden_layers: 4, sliding_window: 24, layer_types: SLIDING }, { count: 3, windowTokens: 24 }],
    [
      'mimo_v2_flash',
      { num_hidden_layers: 4, sliding_window_size: 16, hybrid_layer_pattern: [0, 1, 1, 0] },
      { count: 2, windowTokens: 16 },
    ],
  ])('%s: %o', (family, config, expected) => {
    expect(slidingLayersOf(family, config)).toEqual(expected)
  })

  it.each([
    ['llama', { num_hidden_layers: 4 }],
    // A window that mlx-lm, and therefore the engine, does not apply.
    ['mistral', { num_hidden_layers: 4, sliding_window: 4096 }],
    ['gemma2', { num_hidden_layers: 4, sliding_window: 4096, layer_types: SLIDING }],
    ['exaone4', { num_hidden_layers: 4, sliding_window: 16, sliding_window_pattern: '' }],
    ['gpt_oss', { sliding_window: 128 }],
  ])('%s: %o has none', (family, config) => {
    expect(slidingLayersOf(family, config)).toBeUndefined()
  })
})
