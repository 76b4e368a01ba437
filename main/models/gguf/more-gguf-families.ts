import type { GgufFamily, GgufKeys } from './gguf-family.ts'

const MLP_EXPERTS = { module: 'mlp' } as const
const SIGMOID = 2

const layerNorm = ({ number }: GgufKeys) => ({ layer_norm_eps: number('attention.layer_norm_epsilon') ?? 1e-5 })

const bailing = ({ number, count, flag }: GgufKeys): Record<string, unknown> => ({
  num_shared_experts: number('expert_shared_count') ?? 0,
  moe_shared_expert_intermediate_size: number('expert_shared_feed_forward_length'),
  first_k_dense_replace: number('leading_dense_block_count') ?? 0,
  norm_topk_prob: flag('expert_weights_norm') ?? false,
  routed_scaling_factor: number('expert_weights_scale') ?? 1,
  score_function: number('expert_gating_func') === SIGMOID ? 'sigmoid' : 'softmax',
  n_group: number('expert_group_count') ?? 1,
  topk_group: number('expert_group_used_count') ?? 1,
  num_experts: count('expert_count'),
})

/** Its queries grow with their position, and YaRN keeps their length. */
function ministral({ number }: GgufKeys): Record<string, unknown> {
  const factor = number('rope.scaling.factor')
  const scale = number('attention.temperature_scale')
  const scaling = factor !== null && {
    ...{ rope_type: 'yarn', factor, original_max_position_embeddings: number('rope.scaling.original_context_length') ?? 16_384 },
    ...{ beta_fast: number('rope.scaling.yarn_beta_fast') ?? 32, beta_slow: number('rope.scaling.yarn_beta_slow') ?? 1 },
    ...{ mscale: 1, mscale_all_dim: 1 },
  }
  return {
    rope_scaling: null,
    rope_parameters: {
      rope_type: 'default',
      rope_theta: number('rope.freq_base') ?? 10_000,
      ...scaling,
      ...(scale !== null && { llama_4_scaling_beta: scale }),
    },
  }
}

const BAILING = {
  modelType: 'bailing_moe',
  queryKeyValue: 'attention.query_key_value',
  attention: ['attention', 'dense'],
  attentionBias: 'none',
  top: { token_embd: 'model.word_embeddings' },
} as const

/** Dense families and families with experts, by `general.architecture`. */
export const moreGgufFamilies: Readonly<Record<string, GgufFamily>> = {
  qwen2vl: { modelType: 'qwen2', className: 'Qwen2ForCausalLM', attentionBias: 'required' },
  qwen3vl: { modelType: 'qwen3', className: 'Qwen3ForCausalLM', queryKeyNorm: 'heads' },
  qwen3vlmoe: { modelType: 'qwen3_moe', className: 'Qwen3MoeForCausalLM', queryKeyNorm: 'heads', experts: MLP_EXPERTS },
  bailingmoe: {
    ...BAILING,
    className: 'BailingMoeForCausalLM',
    isQueryKeyValueApart: true,
    experts: { ...MLP_EXPERTS, router: 'gate.gate_proj', shared: 'shared_experts' },
    config: (keys) => ({ ...bailing(keys), use_qk_norm: false, moe_router_enable_expert_bias: false }),
  },
  bailingmoe2: {
    ...BAILING,
    className: 'BailingMoeV2ForCausalLM',
    queryKeyNorm: 'heads',
    queryKeyNorms: ['query_layernorm', 'key_layernorm'],
    rotatesPart: true,
    experts: { ...MLP_EXPERTS, router: 'gate.gate_proj', shared: 'shared_experts', correction: ['mlp.gate', 'expert_bias'] },
    config: (keys) => ({ ...bailing(keys), use_qk_norm: true, moe_router_enable_expert_bias: true }),
  },
  'command-r': {
    modelType: 'cohere',
    className: 'CohereForCausalLM',
    norms: { attn_norm: 'input_layernorm' },
    attentionBias: 'none',
    config: (keys) => ({ ...layerNorm(keys), logit_scale: keys.number('logit_scale') ?? 1, use_qk_norm: false }),
  },
  dots1: {
    modelType: 'dots1',
    className: 'Dots1ForCausalLM',
    queryKeyNorm: 'heads',
    experts: {
      ...MLP_EXPERTS,
      stack: 'experts',
      shared: 'shared_experts',
      correction: ['mlp.gate', 'e_score_correction_bias'],
    },
    config: ({ number, count, flag }) => ({
      n_routed_experts: count('expert_count'),
      n_shared_experts: number('expert_shared_count') ?? 0,
      routed_scaling_factor: number('expert_weights_scale') ?? 1,
      norm_topk_prob: flag('expert_weights_norm') ?? true,
      first_k_dense_replace: number('leading_dense_block_count') ?? 0,
      scoring_func: 'noaux_tc',
      ...{ n_group: 1, topk_group: 1 },
    }),
  },
  'exaone-moe': {
    modelType: 'exaone_moe',
    className: 'ExaoneMoEForCausalLM',
    queryKeyNorm: 'heads',
    experts: { ...MLP_EXPERTS, shared: 'shared_experts', correction: ['mlp.gate', 'e_score_correction_bias'] },
    config: ({ number, count, flag, flags, layers }) => {
      const dense = number('leading_dense_block_count') ?? 0
      // Every fourth layer sees all tokens, unless the file says otherwise.
      const isWindowed = flags('attention.sliding_window_pattern') ?? Array.from({ length: layers }, (_, layer) => (layer + 1) % 4 !== 0)
      return {
        num_experts: count('expert_count'),
        num_shared_experts: number('expert_shared_count') ?? 0,
        routed_scaling_factor: number('expert_weights_scale') ?? 1,
        norm_topk_prob: flag('expert_weights_norm') ?? true,
        ...{ n_group: 1, topk_group: 1, scoring_func: 'sigmoid' },
        is_moe_layer: Array.from({ length: layers }, (_, layer) => layer >= dense),
        layer_types: isWindowed.slice(0, layers).map((windowed) => (windowed ? 'sliding_attention' : 'full_attention')),
        sliding_window: count('attention.sliding_window'),
      }
    },
  },
  minicpm: {
    modelType: 'minicpm',
    className: 'MiniCPMForCausalLM',
    permutesRope: true,
    config: ({ number, hiddenSize, layers }) => ({
      scale_emb: number('embedding_scale') ?? 12,
      scale_depth: (number('residual_scale') ?? 1.4 / Math.sqrt(layers)) * Math.sqrt(layers),
      dim_model_base: hiddenSize / (number('logit_scale') ?? hiddenSize / 256),
    }),
  },
  mistral3: {
    modelType: 'ministral3',
    className: 'Ministral3ForCausalLM',
    permutesRope: true,
    attentionBias: 'none',
    config: ministral,
  },
  olmoe: {
    modelType: 'olmoe',
    className: 'OlmoeForCausalLM',
    queryKeyNorm: 'rows',
    experts: MLP_EXPERTS,
    config: () => ({ norm_topk_prob: false }),
  },
  stablelm: {
    modelType: 'stablelm',
    className: 'StableLmForCausalLM',
    hasNormBias: true,
    optionalNorms: ['ffn_norm'],
    rotatesPart: true,
    config: (keys) => ({ ...layerNorm(keys), use_parallel_residual: keys.flag('use_parallel_residual') ?? false }),
  },
  xverse: { modelType: 'xverse', className: 'XverseForCausalLM', permutesRope: true, attentionBias: 'none' },
}
