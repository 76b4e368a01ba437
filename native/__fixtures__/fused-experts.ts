import type { TinyModel } from './tiny-model.ts'
import { bytesOf, type RawTensor, writeModel } from './write-model.ts'

const SIZES = { hidden: 64, width: 32, experts: 4, heads: 4, kvHeads: 2, headDim: 16, vocab: 200, layers: 2 } as const
type Numbers = number[]

/** `turns`: gpt-oss; `turned`: Qwen3-VL and Llama 4; `halves`: Qwen3.5, Mistral 4 and what transformers 5 saves. */
export type FusedForm = 'turns' | 'turned' | 'halves'

/** A random model without quantization whose experts are stacked as transformers does, and its twin in mlx-lm's layout. */
export function makeFusedExperts(form: FusedForm): { readonly foreign: TinyModel; readonly twin: TinyModel } {
  const { hidden, width, experts, heads, kvHeads, headDim, vocab, layers } = SIZES
  const isGptOss = form === 'turns'
  let state = 23
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (Math.floor((state / 2 ** 32) * 2000) - 1000) / 4000
  }
  const numbers = (length: number): Numbers => Array.from({ length }, random)
  const tensor = (name: string, shape: readonly number[], of: Numbers): RawTensor => ({
    ...{ name, dtype: 'F32', shape },
    bytes: bytesOf(Float32Array.from(of)),
  })
  const floats = (name: string, ...shape: number[]): RawTensor => tensor(name, shape, numbers(shape.reduce((a, b) => a * b, 1)))
  const norm = (name: string): RawTensor =>
    tensor(
      `${name}.weight`,
      [hidden],
      Array.from({ length: hidden }, () => 1),
    )
  const shared = [floats('model.embed_tokens.weight', vocab, hidden), floats('lm_head.weight', vocab, hidden), norm('model.norm')]
  const [foreign, twin] = [[...shared], [...shared]]
  for (let layer = 0; layer < layers; layer += 1) {
    const prefix = `model.layers.${layer}.`
    const linear = (name: string, outputs: number, inputs: number): RawTensor[] => [
      floats(`${prefix}${name}.weight`, outputs, inputs),
      ...(isGptOss ? [floats(`${prefix}${name}.bias`, outputs)] : []),
    ]
    const plain = [
      ...['input_layernorm', 'post_attention_layernorm'].map((name) => norm(`${prefix}${name}`)),
      ...(isGptOss ? [floats(`${prefix}self_attn.sinks`, heads)] : []),
      ...linear('self_attn.q_proj', heads * headDim, hidden),
      ...linear('self_attn.k_proj', kvHeads * headDim, hidden),
      ...linear('self_attn.v_proj', kvHeads * headDim, hidden),
      ...linear('self_attn.o_proj', hidden, heads * headDim),
      ...linear(isGptOss ? 'mlp.router' : 'mlp.gate', experts, hidden),
      ...(isGptOss ? [] : ['q_norm', 'k_norm'].map((name) => floats(`${prefix}self_attn.${name}.weight`, headDim))),
    ]
    // By expert: [width][hidden] twice, and [hidden][width].
    const stack = (rows: number, columns: number): Numbers[][] =>
      Array.from({ length: experts }, () => Array.from({ length: rows }, () => numbers(columns)))
    const [gate, up, down] = [stack(width, hidden), stack(width, hidden), stack(hidden, width)]
    const [gateBias, upBias, downBias] = [stack(1, width), stack(1, width), stack(1, hidden)].map((biases) => biases.flat())
    const pairs = (first: Numbers | Numbers[], second: Numbers | Numbers[]) =>
      isGptOss ? first.flatMap((one, place) => [one, second[place] as typeof one]) : [...first, ...second]
    const both = gate.map((rows, expert) => pairs(rows, up[expert] ?? []) as Numbers[])
    const stored = (name: string, experts_: Numbers[][], shape: [number, number]): RawTensor => {
      const turned = form !== 'halves'
      const flat = experts_.flatMap((rows) => (turned ? transpose(rows) : rows).flat())
      return tensor(`${prefix}mlp.experts.${name}`, [experts, ...(turned ? shape.toReversed() : shape)], flat)
    }
    foreign.push(...plain, stored('gate_up_proj', both, [2 * width, hidden]), stored('down_proj', down, [hidden, width]))
    const own = `${prefix}mlp.${isGptOss ? 'experts' : 'switch_mlp'}`
    twin.push(
      ...plain,
      tensor(`${own}.gate_proj.weight`, [experts, width, hidden], gate.flat(2)),
      tensor(`${own}.up_proj.weight`, [experts, width, hidden], up.flat(2)),
      tensor(`${own}.down_proj.weight`, [experts, hidden, width], down.flat(2)),
    )
    if (!isGptOss || !gateBias || !upBias || !downBias) continue
    const bothBiases = gateBias.map((row, expert) => pairs(row, upBias[expert] ?? []) as Numbers)
    foreign.push(tensor(`${prefix}mlp.experts.gate_up_proj_bias`, [experts, 2 * width], bothBiases.flat()))
    foreign.push(tensor(`${prefix}mlp.experts.down_proj_bias`, [experts, hidden], downBias.flat()))
    twin.push(
      tensor(`${own}.gate_proj.bias`, [experts, width], gateBias.flat()),
      tensor(`${own}.up_proj.bias`, [experts, width], upBias.flat()),
      tensor(`${own}.down_proj.bias`, [experts, hidden], downBias.flat()),
    )
  }
  const sizes = {
    ...{ hidden_size: hidden, intermediate_size: width, moe_intermediate_size: width, num_hidden_layers: layers },
    ...{ num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headDim, vocab_size: vocab },
    ...{ rms_norm_eps: 1e-5, rope_theta: 10000, num_experts_per_tok: 2 },
  }
  const family = isGptOss
    ? { model_type: 'gpt_oss', num_local_experts: experts, sliding_window: 16 }
    : { model_type: 'qwen3_moe', num_experts: experts, decoder_sparse_step: 1, mlp_only_layers: [], norm_topk_prob: true }
  const config = { ...sizes, ...family }
  return { foreign: writeModel(foreign, config), twin: writeModel(twin, config) }
}

const transpose = (rows: readonly Numbers[]): Numbers[] => (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? 0))
