import { describe, expect, it } from 'vitest'
import { describeDecoder } from '../family/describe-decoder.ts'
import { TensorCatalog } from '../weights/tensor-catalog.ts'
import { planDecoder } from './plan-decoder.ts'

const LAYER = 'model.layers.0.'
const LLAMA = {
  model_type: 'llama',
  hidden_size: 128,
  num_hidden_layers: 1,
  intermediate_size: 256,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  vocab_size: 100,
  rms_norm_eps: 1e-5,
}

interface Stored {
  readonly bits: number
  readonly groupSize: number
}

/** The tensors of one module, quantized or not. */
function moduleOf(name: string, outputs: number, inputs: number, stored: Stored | null): { name: string; type: string; shape: number[] }[] {
  if (!stored) return [{ name: `${name}.weight`, type: 'F16', shape: [outputs, inputs] }]
  const groups = [outputs, inputs / stored.groupSize]
  return [
    { name: `${name}.weight`, type: 'U32', shape: [outputs, (inputs * stored.bits) / 32] },
    { name: `${name}.scales`, type: 'F16', shape: groups },
    { name: `${name}.biases`, type: 'F16', shape: groups },
  ]
}

function planOf(config: object, stored: (module: string) => Stored | null) {
  const shapes: [name: string, outputs: number, inputs: number][] = [
    ['model.embed_tokens', 100, 128],
    ['lm_head', 100, 128],
    ...['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => [`${LAYER}self_attn.${name}`, 128, 128] as [string, number, number]),
    [`${LAYER}mlp.gate_proj`, 256, 128],
    [`${LAYER}mlp.up_proj`, 256, 128],
    [`${LAYER}mlp.down_proj`, 128, 256],
  ]
  const norms = ['model.norm', `${LAYER}input_layernorm`, `${LAYER}post_attention_layernorm`].map((name) => ({
    name: `${name}.weight`,
    type: 'F16',
    shape: [128],
  }))
  const tensors = [...shapes.flatMap(([name, outputs, inputs]) => moduleOf(name, outputs, inputs, stored(name))), ...norms]
  const catalog = new TensorCatalog(
    ['model.safetensors'],
    tensors.map((tensor, index) => ({ ...tensor, file: 0, offsetBytes: index * 1_000_000 })),
  )
  return planDecoder(describeDecoder(config, 'config.json'), catalog, {
    strategy: 'pipeline',
    rank: 0,
    worldSize: 1,
    layers: { start: 0, end: 1 },
    dequantize: false,
  })
}

describe('C05 the bits of a module', () => {
  it('are those of its tensors, of each its own, whatever config.json says', () => {
    const mixed: Readonly<Record<string, Stored>> = {
      lm_head: { bits: 6, groupSize: 64 },
      [`${LAYER}self_attn.q_proj`]: { bits: 4, groupSize: 64 },
      [`${LAYER}self_attn.k_proj`]: { bits: 8, groupSize: 32 },
      [`${LAYER}self_attn.v_proj`]: { bits: 3, groupSize: 32 },
      [`${LAYER}self_attn.o_proj`]: { bits: 5, groupSize: 128 },
      [`${LAYER}mlp.down_proj`]: { bits: 2, groupSize: 128 },
    }
    const lie = {
      group_size: 64,
      bits: 4,
      'model.layers.0.mlp.gate_proj': { bits: 8, group_size: 32 },
      'model.embed_tokens': { bits: 4 },
      lm_head: false,
      'model.layers.0.self_attn.q_proj': null,
    }
    const ofLie = planOf({ ...LLAMA, quantization: lie, quantization_config: lie }, (module) => mixed[module] ?? null)
    expect(ofLie).toEqual(planOf(LLAMA, (module) => mixed[module] ?? null))
    const layer = ofLie.layers[0]
    expect(layer?.queryKeyValue.map(({ quantization }) => quantization && [quantization.bits, quantization.groupSize])).toEqual([
      [4, 64],
      [8, 32],
      [3, 32],
    ])
    expect(layer?.attentionOutput[0]?.quantization).toMatchObject({ bits: 5, groupSize: 128 })
  })

  it.each([2, 3, 4, 5, 6, 8].flatMap((bits) => [32, 64, 128].map((groupSize) => ({ bits, groupSize }))))(
    'are taken for no others: $bits in groups of $groupSize',
    (stored) => {
      expect(
        planOf({ ...LLAMA, quantization: { group_size: 64, bits: 4 } }, () => stored).layers[0]?.attentionOutput[0]?.quantization,
      ).toMatchObject(stored)
    },
  )
})
