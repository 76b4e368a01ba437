import type { ExpectedTensor, GgufFamily, GgufKeys, GgufModelConfig, RowPlaces } from './gguf-family.ts'
import { expertTensors } from './gguf-layer-tensors.ts'

type Tensors = Record<string, ExpectedTensor>

const isAttending = ({ keys }: GgufModelConfig, layer: number): boolean => (keys.list('attention.head_count_kv')?.[layer] ?? 0) > 0

/** Attention without biases, in the model's own rows. */
function attention(model: GgufModelConfig, module: string, output: string, queryRows?: number): Tensors {
  const { hiddenSize: hidden, attentionHeads, kvHeads, headDim } = model
  const rows = attentionHeads * headDim
  return {
    'attn_q.weight': { module: `${module}.q_proj`, shape: [queryRows ?? rows, hidden] },
    'attn_k.weight': { module: `${module}.k_proj`, shape: [kvHeads * headDim, hidden] },
    'attn_v.weight': { module: `${module}.v_proj`, shape: [kvHeads * headDim, hidden] },
    'attn_output.weight': { module: `${module}.${output}`, shape: [hidden, rows] },
  }
}

const headNorms = (headDim: number, query: string, key: string): Tensors => ({
  'attn_q_norm.weight': { module: query, shape: [headDim] },
  'attn_k_norm.weight': { module: key, shape: [headDim] },
})

/** A convolution of each channel by itself. */
const convolution = (module: string, channels: number, kernel: number): ExpectedTensor => ({
  ...{ module, shape: [channels, kernel], written: [channels, kernel, 1] },
})

function lfm2Layer(model: GgufModelConfig, layer: number): Tensors {
  const { hiddenSize: hidden, intermediateSize: inner, experts } = model
  const first: Tensors = isAttending(model, layer)
    ? {
        ...attention(model, 'self_attn', 'out_proj'),
        ...headNorms(model.headDim, 'self_attn.q_layernorm', 'self_attn.k_layernorm'),
      }
    : {
        'shortconv.in_proj.weight': { module: 'conv.in_proj', shape: [3 * hidden, hidden] },
        'shortconv.conv.weight': convolution('conv.conv', hidden, model.keys.count('shortconv.l_cache')),
        'shortconv.out_proj.weight': { module: 'conv.out_proj', shape: [hidden, hidden] },
      }
  const [gate, up, down] = experts ? ['gate_proj', 'up_proj', 'down_proj'] : ['w1', 'w3', 'w2']
  const dense: Tensors = {
    'ffn_gate.weight': { module: `feed_forward.${gate}`, shape: [inner, hidden] },
    'ffn_up.weight': { module: `feed_forward.${up}`, shape: [inner, hidden] },
    'ffn_down.weight': { module: `feed_forward.${down}`, shape: [hidden, inner] },
  }
  return {
    'attn_norm.weight': { module: 'operator_norm', shape: [hidden] },
    'ffn_norm.weight': { module: 'ffn_norm', shape: [hidden] },
    ...first,
    ...(experts && layer >= experts.denseLayers ? expertTensors(model, experts) : dense),
  }
}

function lfm2Config(keys: GgufKeys): Record<string, unknown> {
  const { count, list, number } = keys
  const attending = (list('attention.head_count_kv') ?? []).flatMap((heads, layer) => (heads > 0 ? [layer] : []))
  return {
    norm_eps: number('attention.layer_norm_rms_epsilon') ?? 1e-5,
    conv_bias: false,
    conv_L_cache: count('shortconv.l_cache'),
    full_attn_idxs: attending,
    tie_word_embeddings: true,
  }
}

const LFM2 = { attentionBias: 'none', top: { token_embd_norm: 'model.embedding_norm' }, layer: lfm2Layer } as const

/** Nemotron has one half per layer, which the lists of heads and widths tell. */
function nemotronKind(model: Pick<GgufModelConfig, 'keys'>, layer: number): 'M' | '*' | '-' {
  const at = (key: string): number => model.keys.list(key)?.[layer] ?? 0
  return at('attention.head_count_kv') > 0 ? '*' : at('feed_forward_length') > 0 ? '-' : 'M'
}

function mamba({ hiddenSize: hidden, keys }: GgufModelConfig, module: string): Tensors {
  const [inner, heads, groups, state] = ['inner_size', 'time_step_rank', 'group_count', 'state_size'].map((key) => keys.count(`ssm.${key}`))
  const width = inner!
  const channels = width + 2 * groups! * state!
  return {
    'ssm_in.weight': { module: `${module}.in_proj`, shape: [width + channels + heads!, hidden] },
    'ssm_conv1d.weight': convolution(`${module}.conv1d`, channels, keys.count('ssm.conv_kernel')),
    'ssm_conv1d.bias': { module: `${module}.conv1d`, shape: [channels] },
    'ssm_dt.bias': { module: `${module}.dt_bias`, suffix: '', shape: [heads!] },
    ssm_a: { module: `${module}.A_log`, suffix: '', shape: [heads!, 1], written: [heads!], isDecay: true },
    ssm_d: { module: `${module}.D`, suffix: '', shape: [heads!, 1], written: [heads!] },
    'ssm_norm.weight': { module: `${module}.norm`, shape: [groups!, width / groups!], written: [width] },
    'ssm_out.weight': { module: `${module}.out_proj`, shape: [hidden, width] },
  }
}

function nemotronSecondHalf(model: GgufModelConfig): Tensors {
  const { hiddenSize: hidden, intermediateSize: inner, experts, keys } = model
  if (!experts)
    return {
      'ffn_up.weight': { module: 'mixer.up_proj', shape: [inner, hidden] },
      'ffn_down.weight': { module: 'mixer.down_proj', shape: [hidden, inner] },
    }
  const { count, width, sharedWidth } = experts
  const latent = keys.number('moe_latent_size')
  return {
    'ffn_gate_inp.weight': { module: 'mixer.gate', shape: [count, hidden] },
    'exp_probs_b.bias': { module: 'mixer.gate.e_score_correction_bias', suffix: '', shape: [count] },
    'ffn_up_exps.weight': { module: 'mixer.switch_mlp.fc1', shape: [count, width, latent ?? hidden] },
    'ffn_down_exps.weight': { module: 'mixer.switch_mlp.fc2', shape: [count, latent ?? hidden, width] },
    'ffn_up_shexp.weight': { module: 'mixer.shared_experts.up_proj', shape: [sharedWidth, hidden] },
    'ffn_down_shexp.weight': { module: 'mixer.shared_experts.down_proj', shape: [hidden, sharedWidth] },
    ...(latent !== null && {
      'ffn_latent_down.weight': { module: 'mixer.fc1_latent_proj', shape: [latent, hidden] },
      'ffn_latent_up.weight': { module: 'mixer.fc2_latent_proj', shape: [hidden, latent] },
    }),
  }
}

const nemotronLayer = (model: GgufModelConfig, layer: number): Tensors => {
  const kind = nemotronKind(model, layer)
  return {
    'attn_norm.weight': { module: 'norm', shape: [model.hiddenSize] },
    ...(kind === 'M' ? mamba(model, 'mixer') : kind === '*' ? attention(model, 'mixer', 'o_proj') : nemotronSecondHalf(model)),
  }
}

function nemotronConfig(keys: GgufKeys, isSparse: boolean): Record<string, unknown> {
  const { count, number, flag, layers } = keys
  const pattern = Array.from({ length: layers }, (_, layer) => nemotronKind({ keys }, layer))
  const heads = count('ssm.time_step_rank')
  return {
    hybrid_override_pattern: pattern.map((kind) => (kind === '-' && isSparse ? 'E' : kind)).join(''),
    layer_norm_epsilon: number('attention.layer_norm_rms_epsilon') ?? 1e-5,
    mamba_num_heads: heads,
    mamba_head_dim: count('ssm.inner_size') / heads,
    mamba_proj_bias: false,
    ssm_state_size: count('ssm.state_size'),
    conv_kernel: count('ssm.conv_kernel'),
    n_groups: count('ssm.group_count'),
    use_conv_bias: true,
    mlp_hidden_act: 'relu2',
    ...(isSparse && {
      n_routed_experts: count('expert_count'),
      n_shared_experts: number('expert_shared_count') ?? 1,
      moe_shared_expert_intermediate_size: count('expert_shared_feed_forward_length'),
      moe_latent_size: number('moe_latent_size'),
      norm_topk_prob: flag('expert_weights_norm') ?? true,
      routed_scaling_factor: number('expert_weights_scale') ?? 1,
      n_group: number('expert_group_count') ?? 1,
      topk_group: number('expert_group_used_count') ?? 1,
    }),
  }
}

const NEMOTRON = {
  modelType: 'nemotron_h',
  className: 'NemotronHForCausalLM',
  attentionBias: 'none',
  top: { token_embd: 'backbone.embeddings', output_norm: 'backbone.norm_f' },
  layers: 'backbone.layers',
  layer: nemotronLayer,
} as const

/** The sizes of a delta net. */
function deltaSizes(keys: GgufKeys) {
  const [keyDim, keyHeads, valueHeads, inner] = ['state_size', 'group_count', 'time_step_rank', 'inner_size'].map((key) =>
    keys.count(`ssm.${key}`),
  )
  const valueDim = inner! / valueHeads!
  return { keyDim: keyDim!, keyHeads: keyHeads!, valueHeads: valueHeads!, valueDim, inner: inner!, served: valueHeads! / keyHeads! }
}
type DeltaSizes = ReturnType<typeof deltaSizes>

/** Qwen 3.5: GGUF has the value heads of all key heads by turns. */
function valuePlaces({ keyHeads, served }: DeltaSizes, rows: number, first = 0, total?: number): RowPlaces {
  const heads = keyHeads * served
  const place = (head: number): number => (head % keyHeads) * served + Math.floor(head / keyHeads)
  const of = (row: number): number => (row < first ? row : first + place(Math.floor((row - first) / rows)) * rows + ((row - first) % rows))
  return { total: total ?? heads * rows, unit: rows, of }
}

/** Qwen 3 Next: the model has queries, keys, values and gates by key head. */
function byKeyHead({ keyDim, keyHeads, valueDim, served, inner }: DeltaSizes): { queryKeyValue: RowPlaces; gate: RowPlaces } {
  const ofHead = 2 * keyDim + 2 * served * valueDim
  const keys = keyHeads * keyDim
  const place = (row: number, width: number, offset: number): number => Math.floor(row / width) * ofHead + offset + (row % width)
  const values = served * valueDim
  const queryKeyValue = (row: number): number =>
    row < keys ? place(row, keyDim, 0) : row < 2 * keys ? place(row - keys, keyDim, keyDim) : place(row - 2 * keys, values, 2 * keyDim)
  const total = keyHeads * ofHead
  return {
    queryKeyValue: { total, unit: 1, of: queryKeyValue },
    gate: { total, unit: 1, of: (row) => place(row % inner, values, 2 * keyDim + values) },
  }
}

function deltaNet({ hiddenSize: hidden, keys }: GgufModelConfig, isNext: boolean): Tensors {
  const sizes = deltaSizes(keys)
  const { keyDim, keyHeads, valueHeads, valueDim, inner } = sizes
  const channels = 2 * keyHeads * keyDim + inner
  const places = isNext ? null : valuePlaces(sizes, 1)
  const ofHeads = (module: string): ExpectedTensor => ({ module, suffix: '', shape: [valueHeads], ...(places && { places }) })
  const rows = byKeyHead(sizes)
  const projections: Tensors = isNext
    ? {
        'attn_qkv.weight': { module: 'linear_attn.in_proj_qkvz', shape: [channels, hidden], places: rows.queryKeyValue },
        'attn_gate.weight': { module: 'linear_attn.in_proj_qkvz', shape: [inner, hidden], places: rows.gate },
        'ssm_ba.weight': { module: 'linear_attn.in_proj_ba', shape: [2 * valueHeads, hidden] },
      }
    : {
        'attn_qkv.weight': {
          ...{ module: 'linear_attn.in_proj_qkv', shape: [channels, hidden] },
          places: valuePlaces(sizes, valueDim, channels - inner, channels),
        },
        'attn_gate.weight': { module: 'linear_attn.in_proj_z', shape: [inner, hidden], places: valuePlaces(sizes, valueDim) },
        'ssm_beta.weight': { module: 'linear_attn.in_proj_b', shape: [valueHeads, hidden], places: valuePlaces(sizes, 1) },
        'ssm_alpha.weight': { module: 'linear_attn.in_proj_a', shape: [valueHeads, hidden], places: valuePlaces(sizes, 1) },
      }
  return {
    ...projections,
    'ssm_conv1d.weight': {
      ...convolution('linear_attn.conv1d', channels, keys.count('ssm.conv_kernel')),
      ...(!isNext && { places: valuePlaces(sizes, valueDim, channels - inner, channels) }),
    },
    'ssm_dt.bias': ofHeads('linear_attn.dt_bias'),
    ssm_a: { ...ofHeads('linear_attn.A_log'), isDecay: true },
    'ssm_norm.weight': { module: 'linear_attn.norm', shape: [valueDim] },
    'ssm_out.weight': {
      ...{ module: 'linear_attn.out_proj', shape: [hidden, inner] },
      ...(!isNext && { columnBlocks: { columns: valueDim, of: valuePlaces(sizes, 1).of } }),
    },
  }
}

const interval = (keys: GgufKeys): number => keys.number('full_attention_interval') ?? 4

const qwenLayer =
  (isNext: boolean) =>
  (model: GgufModelConfig, layer: number): Tensors => {
    const { hiddenSize: hidden, intermediateSize: inner, experts, headDim, attentionHeads } = model
    const first =
      (layer + 1) % interval(model.keys) === 0
        ? {
            // A gate for each number of a query.
            ...attention(model, 'self_attn', 'o_proj', 2 * attentionHeads * headDim),
            ...headNorms(headDim, 'self_attn.q_norm', 'self_attn.k_norm'),
          }
        : deltaNet(model, isNext)
    const dense: Tensors = {
      'ffn_gate.weight': { module: 'mlp.gate_proj', shape: [inner, hidden] },
      'ffn_up.weight': { module: 'mlp.up_proj', shape: [inner, hidden] },
      'ffn_down.weight': { module: 'mlp.down_proj', shape: [hidden, inner] },
    }
    return {
      'attn_norm.weight': { module: 'input_layernorm', shape: [hidden] },
      'post_attention_norm.weight': { module: 'post_attention_layernorm', shape: [hidden] },
      ...first,
      ...(experts ? expertTensors(model, experts) : dense),
    }
  }

function qwenConfig(keys: GgufKeys): Record<string, unknown> {
  const { keyDim, keyHeads, valueHeads, valueDim } = deltaSizes(keys)
  return {
    linear_num_key_heads: keyHeads,
    linear_num_value_heads: valueHeads,
    linear_key_head_dim: keyDim,
    linear_value_head_dim: valueDim,
    linear_conv_kernel_dim: keys.count('ssm.conv_kernel'),
    full_attention_interval: interval(keys),
    attn_output_gate: true,
    ...(keys.number('expert_count') !== null && {
      shared_expert_intermediate_size: keys.number('expert_shared_feed_forward_length') ?? keys.count('expert_feed_forward_length'),
    }),
  }
}

const QWEN_EXPERTS = { module: 'mlp', shared: 'shared_expert', hasSharedGate: true } as const
const QWEN = { attentionBias: 'none', rotatesPart: true, config: qwenConfig } as const

/** Families with layers that keep a state, by `general.architecture`. */
export const stateGgufFamilies: Readonly<Record<string, GgufFamily>> = {
  lfm2: {
    ...LFM2,
    ...{ modelType: 'lfm2', className: 'Lfm2ForCausalLM' },
    config: (keys) => ({
      ...lfm2Config(keys),
      ...{ block_ff_dim: keys.count('feed_forward_length'), block_multiple_of: 1, block_auto_adjust_ff_dim: false },
    }),
  },
  lfm2moe: {
    ...LFM2,
    ...{ modelType: 'lfm2_moe', className: 'Lfm2MoeForCausalLM' },
    experts: { module: 'feed_forward', correction: ['feed_forward', 'expert_bias'] },
    config: (keys) => ({
      ...lfm2Config(keys),
      ...{ num_dense_layers: keys.number('leading_dense_block_count') ?? 0, use_expert_bias: true },
      routed_scaling_factor: keys.number('expert_weights_scale') ?? 1,
    }),
  },
  nemotron_h: { ...NEMOTRON, config: (keys) => nemotronConfig(keys, false) },
  nemotron_h_moe: {
    ...NEMOTRON,
    experts: { module: 'mixer', shared: 'shared_experts' },
    config: (keys) => nemotronConfig(keys, true),
  },
  qwen3next: {
    ...QWEN,
    ...{ modelType: 'qwen3_next', className: 'Qwen3NextForCausalLM' },
    experts: QWEN_EXPERTS,
    layer: qwenLayer(true),
  },
  qwen35: { ...QWEN, ...{ modelType: 'qwen3_5_text', className: 'Qwen3_5ForCausalLM' }, layer: qwenLayer(false) },
  qwen35moe: {
    ...QWEN,
    ...{ modelType: 'qwen3_5_moe_text', className: 'Qwen3_5MoeForCausalLM' },
    experts: QWEN_EXPERTS,
    layer: qwenLayer(false),
  },
}
