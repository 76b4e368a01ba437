import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MODEL_FAMILIES } from '../../main/shared/models/model-families.ts'
import { describeDecoder, knownDecoderTypes } from './describe-decoder.ts'
import { knownEncoderTypes } from './encoder/describe-encoder.ts'

const SIZES = { hidden_size: 64, num_hidden_layers: 6, intermediate_size: 96, num_attention_heads: 4, vocab_size: 100, rms_norm_eps: 1e-5 }
const QWEN3_MOE = { ...SIZES, model_type: 'qwen3_moe', num_experts: 8, num_experts_per_tok: 2, moe_intermediate_size: 32 }
const GLM4_MOE = {
  ...SIZES,
  model_type: 'glm4_moe',
  n_routed_experts: 8,
  num_experts_per_tok: 2,
  moe_intermediate_size: 32,
  first_k_dense_replace: 2,
}

const describeConfig = (config: object) => describeDecoder(config, 'config.json')
const sparseLayers = (config: object) => describeConfig(config).feedForward.flatMap(({ experts }, layer) => (experts ? [layer] : []))
const refusal = (code: string, part: string) => expect.objectContaining({ code, message: expect.stringContaining(part) as string }) as Error

describe('describeDecoder', () => {
  it('knows the families that the rest of the product does', () => {
    expect([...MODEL_FAMILIES].sort()).toEqual([...new Set([...knownDecoderTypes, ...knownEncoderTypes])].sort())
  })

  it('knows the families that docs/models.md names', () => {
    const docs = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')
    const [, list = ''] = /answer as text models\.\n\n([^]*?)\.\n\n/.exec(docs) ?? []
    expect([...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(knownDecoderTypes)
  })

  it('leaves the layers dense that the config does', () => {
    expect(sparseLayers(QWEN3_MOE)).toEqual([0, 1, 2, 3, 4, 5])
    expect(sparseLayers({ ...QWEN3_MOE, decoder_sparse_step: 2, mlp_only_layers: [3] })).toEqual([1, 5])
    expect(sparseLayers({ ...QWEN3_MOE, num_experts: 0 })).toEqual([])
    expect(sparseLayers(GLM4_MOE)).toEqual([2, 3, 4, 5])
  })

  it('makes one feed-forward of all shared experts, and none of none', () => {
    const sharedWidth = (shared: number | null) => describeConfig({ ...GLM4_MOE, n_shared_experts: shared }).feedForward[5]?.always?.width
    expect([sharedWidth(2), sharedWidth(0), sharedWidth(null)]).toEqual([64, undefined, undefined])
  })

  it('refuses what its numbers contradict', () => {
    const tooMany = refusal('model-damaged', 'the number of experts per token (9) exceeds the number of experts (8)')
    expect(() => describeConfig({ ...QWEN3_MOE, num_experts_per_tok: 9 })).toThrow(tooMany)
    expect(() => describeConfig({ ...GLM4_MOE, n_group: 3 })).toThrow(
      refusal('model-damaged', 'n_group (3) does not divide n_routed_experts (8)'),
    )
    expect(() => describeConfig({ ...GLM4_MOE, n_group: 4, topk_group: 5 })).toThrow(
      refusal('model-damaged', 'topk_group (5) exceeds n_group (4)'),
    )
    expect(() => describeConfig({ ...GLM4_MOE, n_group: 4, topk_group: 1, num_experts_per_tok: 3 })).toThrow(
      refusal('model-damaged', 'exceeds the experts of topk_group groups (2)'),
    )
  })

  it('refuses sizes that no model has, before it makes lists of them', () => {
    const large = ['head_dim', 'num_hidden_layers', 'num_attention_heads', 'vocab_size', 'num_experts']
    for (const key of large)
      for (const value of [2 ** 40, 2 ** 63])
        expect(() => describeConfig({ ...QWEN3_MOE, [key]: value }), key).toThrow(refusal('model-damaged', key))
  })

  it('refuses what the engine does not run, and says what it does', () => {
    expect(() => describeConfig({ ...GLM4_MOE, scoring_func: 'softmax' })).toThrow(
      refusal('model-unsupported', 'scoring_func "softmax" are not supported; supported: sigmoid'),
    )
    const stretched = { ...SIZES, model_type: 'phi3', rope_scaling: { type: 'spiral', factor: 2 } }
    expect(() => describeConfig(stretched)).toThrow(refusal('model-unsupported', 'Rotary positions of the kind spiral are not supported'))
  })

  it('turns the part of a head that the config names, stretched by the factors of long contexts', () => {
    const scaling = { type: 'longrope', long_factor: [2, 4], short_factor: [1, 1] }
    const config = {
      ...SIZES,
      model_type: 'phi3',
      partial_rotary_factor: 0.25,
      max_position_embeddings: 4096 * 4096,
      original_max_position_embeddings: 4096,
      rope_scaling: scaling,
    }
    const { rope } = describeConfig(config)
    expect([...rope.inverseFrequencies]).toEqual([0.5, expect.closeTo(1 / 400, 8)])
    expect(rope.magnitude).toBeCloseTo(Math.SQRT2, 6)
    expect(() => describeConfig({ ...config, rope_scaling: { type: 'su', long_factor: [1] } })).toThrow(
      refusal('model-damaged', 'a long_factor of 2 numbers, but has 1'),
    )
  })
})
