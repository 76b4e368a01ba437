import { describe, expect, it } from 'vitest'
import { describeDecoder } from './describe-decoder.ts'

const TEXT = { model_type: 'gemma4_text', num_hidden_layers: 6, num_kv_shared_layers: 3, sliding_window_pattern: 3 }
const describeText = (changed: object) => describeDecoder({ ...TEXT, ...changed }, 'config.json')

describe('gemma4', () => {
  it('widens the dense part of layers without keys of their own', () => {
    const widths = (changed: object) => describeText(changed).feedForward.map(({ always }) => always?.width)
    expect(widths({})).toEqual([6144, 6144, 6144, 12_288, 12_288, 12_288])
    expect(widths({ use_double_wide_mlp: null })).toEqual(new Array(6).fill(6144))
  })

  it('reads a null of a key whose default is not null', () => {
    expect(describeText({}).logitCap).toBe(30)
    expect(describeText({ final_logit_softcapping: null }).logitCap).toBe(0)
    expect(describeText({ hidden_size_per_layer_input: null }).layerInputs).toBeNull()
    expect(describeText({ global_head_dim: null }).layerAttention[2]?.headDim).toBe(256)
  })

  it('uses fewer heads only in layers whose values are their keys', () => {
    const changed = { num_kv_shared_layers: 0, num_key_value_heads: 8, num_global_key_value_heads: 2 }
    expect(describeText(changed).layerAttention[2]).toMatchObject({ kvHeads: 8, areValuesKeys: false })
    expect(describeText({ ...changed, attention_k_eq_v: true }).layerAttention[2]).toMatchObject({ kvHeads: 2, areValuesKeys: true })
    expect(describeText({ ...changed, attention_k_eq_v: true }).layerAttention[1]?.areValuesKeys ?? false).toBe(false)
  })

  it('turns a part of the pairs of whole heads in layers without a window', () => {
    const frequencies = [...describeText({}).rope.inverseFrequencies]
    expect(frequencies).toHaveLength(256)
    expect(frequencies.slice(64).every((frequency) => frequency === 0)).toBe(true)
    expect(frequencies[63]).toBeGreaterThan(0)
  })

  it('takes the vocabulary from outside the text model', () => {
    const wrapped = { model_type: 'gemma4', vocab_size: 500, text_config: { ...TEXT, vocab_size: 400 } }
    expect(describeDecoder(wrapped, 'config.json').vocabSize).toBe(500)
  })

  it.each([
    [{ num_kv_shared_layers: 4 }, /num_kv_shared_layers/],
    [{ enable_moe_block: true }, /enable_moe_block/],
    [{ vocab_size_per_layer_input: 100 }, /vocab_size_per_layer_input/],
    [{ hidden_activation: 'silu' }, /hidden_activation/],
  ])('refuses %j by name', (changed, message) => {
    expect(() => describeText(changed)).toThrow(message)
  })
})
