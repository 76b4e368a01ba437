import type { TinyModel } from './tiny-model.ts'
import { bytesOf, type RawTensor, writeModel } from './write-model.ts'

const SIZES = { hidden: 64, width: 64, experts: 4, heads: 4, kvHeads: 2, headDim: 16, vocab: 200, layers: 2 } as const
const GROUP = 32

/** A random gpt-oss as its makers publish it, with the rows of gate and up in turns, and its twin in MLX's layout. */
export function makeOriginalGptOss(): { readonly foreign: TinyModel; readonly twin: TinyModel } {
  const { hidden, width, experts, heads, kvHeads, headDim, vocab, layers } = SIZES
  let state = 11
  const random = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  const floats = (name: string, shape: readonly number[], of = (): number => (random(2000) - 1000) / 4000): RawTensor => ({
    ...{ name, dtype: 'F32', shape },
    bytes: bytesOf(Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, of)),
  })
  const bytes = (name: string, shape: readonly number[], of: () => number): RawTensor => ({
    ...{ name, dtype: 'U8', shape },
    bytes: Uint8Array.from({ length: shape.reduce((product, size) => product * size, 1) }, of),
  })
  const shared = [
    floats('model.embed_tokens.weight', [vocab, hidden]),
    floats('lm_head.weight', [vocab, hidden]),
    floats('model.norm.weight', [hidden], () => 1),
  ]
  const [foreign, twin] = [[...shared], [...shared]]
  for (let layer = 0; layer < layers; layer += 1) {
    const prefix = `model.layers.${layer}.`
    const linear = (name: string, outputs: number, inputs: number) => [
      floats(`${prefix}${name}.weight`, [outputs, inputs]),
      floats(`${prefix}${name}.bias`, [outputs]),
    ]
    const plain = [
      ...['input_layernorm', 'post_attention_layernorm'].map((norm) => floats(`${prefix}${norm}.weight`, [hidden], () => 1)),
      floats(`${prefix}self_attn.sinks`, [heads]),
      ...linear('self_attn.q_proj', heads * headDim, hidden),
      ...linear('self_attn.k_proj', kvHeads * headDim, hidden),
      ...linear('self_attn.v_proj', kvHeads * headDim, hidden),
      ...linear('self_attn.o_proj', hidden, heads * headDim),
      ...linear('mlp.router', experts, hidden),
    ]
    const stacks = [
      { name: 'gate_up_proj', rows: 2 * width, inputs: hidden },
      { name: 'down_proj', rows: hidden, inputs: width },
    ].map(({ name, rows, inputs }) => ({
      rows,
      blocks: bytes(`${prefix}mlp.experts.${name}_blocks`, [experts, rows, inputs / GROUP, GROUP / 2], () => random(256)),
      scales: bytes(`${prefix}mlp.experts.${name}_scales`, [experts, rows, inputs / GROUP], () => 120 + random(4)),
      bias: floats(`${prefix}mlp.experts.${name}_bias`, [experts, rows]),
    }))
    foreign.push(...plain, ...stacks.flatMap(({ blocks, scales, bias }) => [blocks, scales, bias]))
    twin.push(...plain)
    const [gateUp, down] = stacks
    if (!gateUp || !down) continue
    const asWords = (shape: readonly number[]) => [shape[0] ?? 0, shape[1] ?? 0, ((shape[2] ?? 0) * GROUP) / 8]
    for (const [half, first] of [
      ['gate_proj', 0],
      ['up_proj', 1],
    ] as const) {
      const ofHalf = (tensor: RawTensor): Uint8Array => everySecondRow(tensor.bytes, experts * gateUp.rows, first)
      const name = `${prefix}mlp.experts.${half}`
      twin.push(
        { name: `${name}.weight`, dtype: 'U32', shape: asWords([experts, width, hidden / GROUP]), bytes: ofHalf(gateUp.blocks) },
        { name: `${name}.scales`, dtype: 'U8', shape: [experts, width, hidden / GROUP], bytes: ofHalf(gateUp.scales) },
        { name: `${name}.bias`, dtype: 'F32', shape: [experts, width], bytes: ofHalf(gateUp.bias) },
      )
    }
    const name = `${prefix}mlp.experts.down_proj`
    twin.push(
      { ...down.blocks, name: `${name}.weight`, dtype: 'U32', shape: asWords([experts, hidden, width / GROUP]) },
      { ...down.scales, name: `${name}.scales` },
      { ...down.bias, name: `${name}.bias` },
    )
  }
  const sizes = {
    hidden_size: hidden,
    intermediate_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
  }
  const moe = { num_local_experts: experts, num_experts_per_tok: 2, sliding_window: 16 }
  const config = { model_type: 'gpt_oss', ...sizes, ...moe, head_dim: headDim, vocab_size: vocab, rms_norm_eps: 1e-5, rope_theta: 10000 }
  return {
    foreign: writeModel(foreign, { ...config, ...{ quantization_config: { quant_method: 'mxfp4' } } }),
    twin: writeModel(twin, config),
  }
}

function everySecondRow(bytes: Uint8Array, rows: number, first: number): Uint8Array {
  const width = bytes.length / rows
  const picked = new Uint8Array(bytes.length / 2)
  for (let row = first; row < rows; row += 2) picked.set(bytes.subarray(row * width, (row + 1) * width), ((row - first) / 2) * width)
  return picked
}
