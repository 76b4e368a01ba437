import { expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import { modelSizes } from '../../domain/placement/layout/model-sizes.ts'
import { fullLayerNumbersOf } from './full-layer-numbers.ts'
import { modelCardOfConfig } from './model-card-of-config.ts'

const GEMMA = {
  num_hidden_layers: 6,
  hidden_size: 1536,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  num_kv_shared_layers: 0,
  sliding_window: 512,
  vocab_size: 262_144,
  max_position_embeddings: 131_072,
  layer_types: [...new Array<string>(5).fill('sliding_attention'), 'full_attention'],
}

it.each([
  ['gemma4_text', { ...GEMMA, global_head_dim: 512 }, 2 * 4 * 512],
  ['gemma4_text', GEMMA, 2 * 4 * 512],
  ['gemma4_text', { ...GEMMA, global_head_dim: 0 }, 2 * 4 * 256],
  ['gemma4_text', { ...GEMMA, attention_k_eq_v: true, num_global_key_value_heads: 2 }, 2 * 2 * 512],
  ['gemma4_text', { ...GEMMA, attention_k_eq_v: false, num_global_key_value_heads: 2 }, 2 * 4 * 512],
  ['minimax_m3', { ...GEMMA, sparse_attention_config: { sparse_block_size: 128 } }, 9 * 256],
  ['minimax_m3', GEMMA, undefined],
  ['deepseek_v41', { ...GEMMA, head_dim: 512, index_head_dim: 128 }, 640],
  ['llama', GEMMA, undefined],
])('%s stores as many numbers per token as its full layers have', (family, config, numbers) => {
  expect(fullLayerNumbersOf(family, config)).toBe(numbers)
})

it('the wide heads of a Gemma 4 count in the memory of its context', () => {
  const card = modelCardOfConfig(ModelId.parse('a/gemma'), { ...GEMMA, model_type: 'gemma4_text' }, 4e9, ['gemma4_text'])
  const { layers, kvBytesPerLayer } = modelSizes(card, 100_000, 2)
  const full = 2 * 4 * 512 * 2 * 100_000
  const sliding = 5 * 2 * 4 * 256 * 2 * 512
  expect(layers * kvBytesPerLayer).toBeGreaterThanOrEqual(full + sliding)
  expect(layers * kvBytesPerLayer).toBeLessThan(1.1 * (full + sliding))
})
