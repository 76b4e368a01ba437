import { describe, expect, it } from 'vitest'
import { describeDecoder } from '../family/describe-decoder.ts'
import { TensorCatalog } from '../weights/tensor-catalog.ts'
import { planDecoder } from './plan-decoder.ts'

const SIZES = {
  hidden_size: 64,
  num_hidden_layers: 2,
  intermediate_size: 96,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 100,
  rms_norm_eps: 1e-6,
}
const tensor = (name: string, shape: readonly number[]) => ({ name, file: 0, offsetBytes: 0, type: 'F32', shape })

/** The tensors of two dense layers, each with the additional ones in `more`. */
function catalogOf(headDim: number, norms: readonly string[], more: Readonly<Record<string, readonly number[]>> = {}): TensorCatalog {
  const layers = [0, 1].flatMap((layer) => {
    const at = (name: string, shape: readonly number[]) => tensor(`model.layers.${layer}.${name}`, shape)
    return [
      ...norms.map((name) => at(`${name}.weight`, [64])),
      at('self_attn.q_proj.weight', [4 * headDim, 64]),
      ...['k_proj', 'v_proj'].map((name) => at(`self_attn.${name}.weight`, [2 * headDim, 64])),
      at('self_attn.o_proj.weight', [64, 4 * headDim]),
      ...['gate_proj', 'up_proj'].map((name) => at(`mlp.${name}.weight`, [96, 64])),
      at('mlp.down_proj.weight', [64, 96]),
      ...Object.entries(more).map(([name, shape]) => at(name, shape)),
    ]
  })
  const ends = [tensor('model.embed_tokens.weight', [100, 64]), tensor('model.norm.weight', [64]), tensor('lm_head.weight', [100, 64])]
  return new TensorCatalog(['model.safetensors'], [...layers, ...ends])
}

const alone = { strategy: 'pipeline', rank: 0, worldSize: 1, layers: { start: 0, end: 2 }, dequantize: false } as const
const ofTwo = { ...alone, strategy: 'tensor', rank: 1, worldSize: 2 } as const

describe('planAttention', () => {
  it('gives a rank its part of norms of whole rows, and the width of all', () => {
    const model = describeDecoder({ ...SIZES, model_type: 'olmo2' }, 'config.json')
    const norms = ['post_attention_layernorm', 'post_feedforward_layernorm']
    const catalog = catalogOf(16, norms, { 'self_attn.q_norm.weight': [64], 'self_attn.k_norm.weight': [32] })
    const [layer] = planDecoder(model, catalog, ofTwo).layers
    expect(layer).toMatchObject({ inputNorm: null, feedForwardNorm: null })
    expect(layer?.attention).toMatchObject({
      heads: 2,
      kvHeads: 1,
      normedQueryWidth: 64,
      normedKeyWidth: 32,
      queryNorm: { columnRange: { start: 32, end: 64 } },
      keyNorm: { columnRange: { start: 16, end: 32 } },
    })
    expect(planDecoder(model, catalog, alone).layers[0]?.attention).toMatchObject({ queryNorm: { columnRange: { start: 0, end: 64 } } })
  })

  it('names each rotation once, and an empty one where positions do not turn', () => {
    const model = describeDecoder({ ...SIZES, model_type: 'smollm3', no_rope_layers: [1, 0] }, 'config.json')
    const plan = planDecoder(model, catalogOf(16, ['input_layernorm', 'post_attention_layernorm']), alone)
    expect(plan.ropes.map(({ inverseFrequencies }) => inverseFrequencies.length)).toEqual([8, 0])
    expect(plan.layers.map(({ attention }) => attention.rope)).toEqual([0, 1])
  })

  it('puts one norm before parallel halves', () => {
    const { rms_norm_eps: _, ...sizes } = SIZES
    const model = describeDecoder({ ...sizes, model_type: 'cohere2', layer_norm_bias: true, sliding_window_pattern: 2 }, 'config.json')
    const catalog = catalogOf(16, ['input_layernorm'], { 'input_layernorm.bias': [64] })
    expect(() => planDecoder(model, catalog, alone)).toThrow(/model\.norm\.bias/)
    const plan = planDecoder({ ...model, layerNorm: { hasBias: false } }, catalog, alone)
    expect(plan).toMatchObject({ isLayerNorm: true, isParallel: true, head: null })
    expect(plan.layers[0]).toMatchObject({ feedForwardNorm: null, attention: { windowTokens: 4096, rope: 0 } })
    expect(plan.layers[1]?.attention).toMatchObject({ windowTokens: 0, rope: 1 })
  })
})
