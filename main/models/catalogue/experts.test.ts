import { describe, expect, it } from 'vitest'
import { expertsOf } from './experts.ts'

describe('expertsOf', () => {
  it.each([
    ['Mixtral', { num_local_experts: 8, num_experts_per_tok: 2 }, { count: 8, perToken: 2 }],
    ['Qwen 3', { num_experts: 128, num_experts_per_tok: 8 }, { count: 128, perToken: 8 }],
    ['DeepSeek', { n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8 }, { count: 256, perToken: 8 }],
    ['Gemma 4', { num_experts: 128, top_k_experts: 8 }, { count: 128, perToken: 8 }],
    ['a dense model', { hidden_size: 64 }, undefined],
    ['a dense model that says so', { num_experts: 0, num_experts_per_tok: 8 }, undefined],
    ['contradicting counts', { num_experts: 4, num_experts_per_tok: 8 }, undefined],
  ])('reads those of %s', (_, config, expected) => {
    expect(expertsOf(config)).toEqual(expected)
  })
})
