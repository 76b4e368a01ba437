import type { ExpectedTensor, GgufFamily, GgufKeys, GgufModelConfig } from './gguf-family.ts'

type Tensors = Record<string, ExpectedTensor>

const sharedLayers = ({ number }: GgufKeys): number => number('attention.shared_kv_layers') ?? 0
const inputWidth = ({ number }: GgufKeys): number => number('embedding_length_per_layer_input') ?? 0
/** Larger models have other numbers of heads in layers without a window, whose values are their keys. */
const areValuesKeys = ({ list }: GgufKeys): boolean => list('attention.head_count_kv') !== null

/** Shape [layers]. */
function windows({ flags, layers }: GgufKeys): readonly boolean[] {
  return flags('attention.sliding_window_pattern') ?? Array.from({ length: layers }, (_, layer) => (layer + 1) % 5 !== 0)
}

function attention({ keys, hiddenSize: hidden, attentionHeads, kvHeads, headDim }: GgufModelConfig, layer: number): Tensors {
  const isWindowed = windows(keys)[layer] ?? false
  const dim = isWindowed ? (keys.number('attention.key_length_swa') ?? headDim) : headDim
  const kvRows = (keys.list('attention.head_count_kv')?.[layer] ?? kvHeads) * dim
  // Layers that attend to the keys of another layer may have some of their own, which nothing reads.
  const isShared = layer >= keys.layers - sharedLayers(keys)
  const own = isShared ? { optional: true, isIgnored: true } : {}
  return {
    'attn_q.weight': { module: 'self_attn.q_proj', shape: [attentionHeads * dim, hidden] },
    'attn_q_norm.weight': { module: 'self_attn.q_norm', shape: [dim] },
    'attn_k.weight': { module: 'self_attn.k_proj', shape: [kvRows, hidden], ...own },
    'attn_k_norm.weight': { module: 'self_attn.k_norm', shape: [dim], ...own },
    ...((isWindowed || !areValuesKeys(keys)) && { 'attn_v.weight': { module: 'self_attn.v_proj', shape: [kvRows, hidden], ...own } }),
    'attn_output.weight': { module: 'self_attn.o_proj', shape: [hidden, attentionHeads * dim] },
  }
}

function experts({ hiddenSize: hidden, experts: of }: GgufModelConfig): Tensors {
  if (!of) return {}
  const { count, width } = of
  const norm = (module: string): ExpectedTensor => ({ module, shape: [hidden] })
  return {
    'ffn_gate_inp.weight': { module: 'router.proj', shape: [count, hidden] },
    'ffn_gate_inp.scale': { module: 'router.scale', suffix: '', shape: [hidden] },
    'ffn_gate_up_exps.weight#gate': { module: 'experts.switch_glu.gate_proj', shape: [count, 2 * width, hidden], half: 0 },
    'ffn_gate_up_exps.weight#up': { module: 'experts.switch_glu.up_proj', shape: [count, 2 * width, hidden], half: 1 },
    'ffn_down_exps.weight': { module: 'experts.switch_glu.down_proj', shape: [count, hidden, width] },
    'ffn_down_exps.scale': { module: 'router.per_expert_scale', suffix: '', shape: [count] },
    'pre_ffw_norm_2.weight': norm('pre_feedforward_layernorm_2'),
    'post_ffw_norm_1.weight': norm('post_feedforward_layernorm_1'),
    'post_ffw_norm_2.weight': norm('post_feedforward_layernorm_2'),
  }
}

function layerTensors(model: GgufModelConfig, layer: number): Tensors {
  const { hiddenSize: hidden, keys } = model
  const inner = keys.list('feed_forward_length')?.[layer] ?? model.intermediateSize
  const width = inputWidth(keys)
  const norm = (module: string): ExpectedTensor => ({ module, shape: [hidden] })
  return {
    'attn_norm.weight': norm('input_layernorm'),
    'post_attention_norm.weight': norm('post_attention_layernorm'),
    'ffn_norm.weight': norm('pre_feedforward_layernorm'),
    'post_ffw_norm.weight': norm('post_feedforward_layernorm'),
    'layer_output_scale.weight': { module: 'layer_scalar', suffix: '', shape: [1] },
    ...attention(model, layer),
    'ffn_gate.weight': { module: 'mlp.gate_proj', shape: [inner, hidden] },
    'ffn_up.weight': { module: 'mlp.up_proj', shape: [inner, hidden] },
    'ffn_down.weight': { module: 'mlp.down_proj', shape: [hidden, inner] },
    ...experts(model),
    ...(width > 0 && {
      'inp_gate.weight': { module: 'per_layer_input_gate', shape: [width, hidden] },
      'proj.weight': { module: 'per_layer_projection', shape: [hidden, width] },
      'post_norm.weight': norm('post_per_layer_input_norm'),
    }),
  }
}

function outside({ keys, hiddenSize: hidden, vocabSize, layers }: GgufModelConfig): Tensors {
  const width = inputWidth(keys)
  if (width === 0) return {}
  return {
    'per_layer_token_embd.weight': { module: 'model.embed_tokens_per_layer', shape: [vocabSize, layers * width] },
    'per_layer_model_proj.weight': { module: 'model.per_layer_model_projection', shape: [layers * width, hidden] },
    'per_layer_proj_norm.weight': { module: 'model.per_layer_projection_norm', shape: [width] },
  }
}

/** GGUF gives dimensions that are not rotated an endless wavelength. */
const rotatedPart = ({ ropeFactors }: GgufKeys): number =>
  ropeFactors ? ropeFactors.filter((factor) => factor < 1e10).length / ropeFactors.length : 0.25

function configOf(keys: GgufKeys): Record<string, unknown> {
  const { number, count, list, headDim, vocabSize } = keys
  const isWindowed = windows(keys)
  const widths = list('feed_forward_length')
  const kvHeads = list('attention.head_count_kv')
  return {
    head_dim: number('attention.key_length_swa') ?? headDim,
    global_head_dim: headDim,
    intermediate_size: widths?.[0] ?? count('feed_forward_length'),
    use_double_wide_mlp: widths !== null && widths.at(-1) === 2 * (widths[0] ?? 0),
    num_kv_shared_layers: sharedLayers(keys),
    attention_k_eq_v: areValuesKeys(keys),
    ...(kvHeads && {
      num_key_value_heads: kvHeads[isWindowed.indexOf(true)] ?? kvHeads[0],
      num_global_key_value_heads: kvHeads[isWindowed.indexOf(false)] ?? kvHeads[0],
    }),
    layer_types: isWindowed.map((is) => (is ? 'sliding_attention' : 'full_attention')),
    sliding_window: number('attention.sliding_window') ?? 512,
    hidden_size_per_layer_input: inputWidth(keys),
    vocab_size_per_layer_input: vocabSize,
    final_logit_softcapping: number('final_logit_softcapping') ?? 30,
    rope_theta: null,
    rope_parameters: {
      full_attention: {
        ...{ rope_type: 'proportional', rope_theta: number('rope.freq_base') ?? 1_000_000 },
        partial_rotary_factor: rotatedPart(keys),
      },
      sliding_attention: { rope_type: 'default', rope_theta: number('rope.freq_base_swa') ?? 10_000 },
    },
  }
}

export const gemma4Gguf: GgufFamily = {
  modelType: 'gemma4_text',
  className: 'Gemma4ForCausalLM',
  attentionBias: 'none',
  hasOwnRopeFactors: true,
  layer: layerTensors,
  outside,
  config: configOf,
}

export const gemma4GgufWithExperts: GgufFamily = {
  ...gemma4Gguf,
  experts: { module: 'experts' },
  config: (keys) => ({ ...configOf(keys), enable_moe_block: true, top_k_experts: keys.count('expert_used_count') }),
}
