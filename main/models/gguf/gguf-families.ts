import { gemma4Gguf, gemma4GgufWithExperts } from './gemma4-gguf-family.ts'
import type { GgufFamily, GgufKeys } from './gguf-family.ts'
import type { GgufMetadata } from './gguf-metadata.ts'
import { moreGgufFamilies } from './more-gguf-families.ts'
import { stateGgufFamilies } from './state-gguf-families.ts'

const POST_NORMS = { post_attention_norm: 'post_attention_layernorm', post_ffw_norm: 'post_feedforward_layernorm' }
const FOUR_NORMS = { ...POST_NORMS, attn_norm: 'input_layernorm', ffn_norm: 'pre_feedforward_layernorm' }
const MLP_EXPERTS = { module: 'mlp' }

/** The largest Gemma 2 and 3 scale queries by the width of all heads; nothing in the file says so but their depth. */
const LARGEST_GEMMAS = [46, 62]
const gemma = ({ hiddenSize, heads, headDim, layers }: GgufKeys) => ({
  hidden_act: 'gelu_pytorch_tanh',
  hidden_activation: 'gelu_pytorch_tanh',
  query_pre_attn_scalar: LARGEST_GEMMAS.includes(layers) ? hiddenSize / heads : headDim,
})

const granite = ({ number }: GgufKeys) => ({
  embedding_multiplier: number('embedding_scale') ?? 1,
  residual_multiplier: number('residual_scale') ?? 1,
  attention_multiplier: number('attention.scale') ?? 1,
  logits_scaling: number('logit_scale') ?? 1,
})

const SIGMOID = 2

/** DeepSeek V3 has sigmoid scores, V2 a softmax. */
function deepseek({ number, count, flag }: GgufKeys): Record<string, unknown> {
  const isV3 = number('expert_gating_func') === SIGMOID
  const groups = number('expert_group_count') ?? 1
  const rotated = count('rope.dimension_count')
  const factor = number('rope.scaling.factor')
  // llama.cpp stores a tenth of it.
  const magnitude = Math.round((number('rope.scaling.yarn_log_multiplier') ?? 0) * 1e4) / 1e3
  return {
    model_type: isV3 ? 'deepseek_v3' : 'deepseek_v2',
    architectures: [isV3 ? 'DeepseekV3ForCausalLM' : 'DeepseekV2ForCausalLM'],
    kv_lora_rank: count('attention.kv_lora_rank'),
    q_lora_rank: number('attention.q_lora_rank'),
    qk_rope_head_dim: rotated,
    qk_nope_head_dim: (number('attention.key_length_mla') ?? count('attention.key_length')) - rotated,
    v_head_dim: number('attention.value_length_mla') ?? count('attention.value_length'),
    n_routed_experts: count('expert_count'),
    n_shared_experts: number('expert_shared_count') ?? 0,
    routed_scaling_factor: number('expert_weights_scale') ?? 1,
    norm_topk_prob: flag('expert_weights_norm') ?? isV3,
    first_k_dense_replace: number('leading_dense_block_count') ?? 0,
    n_group: groups,
    topk_group: number('expert_group_used_count') ?? 1,
    scoring_func: isV3 ? 'sigmoid' : 'softmax',
    topk_method: isV3 ? 'noaux_tc' : groups > 1 ? 'group_limited_greedy' : 'greedy',
    ...(factor !== null && {
      rope_scaling: {
        type: 'yarn',
        factor,
        original_max_position_embeddings: count('rope.scaling.original_context_length'),
        ...{ beta_fast: 32, beta_slow: 1, mscale: magnitude, mscale_all_dim: magnitude },
      },
    }),
  }
}

/** By `general.architecture`. */
export const ggufFamilies: Readonly<Record<string, GgufFamily>> = {
  ...moreGgufFamilies,
  ...stateGgufFamilies,
  gemma4: gemma4Gguf,
  llama: { modelType: 'llama', className: 'LlamaForCausalLM', permutesRope: true },
  qwen2: { modelType: 'qwen2', className: 'Qwen2ForCausalLM', attentionBias: 'required' },
  qwen2moe: {
    modelType: 'qwen2_moe',
    className: 'Qwen2MoeForCausalLM',
    attentionBias: 'required',
    experts: { ...MLP_EXPERTS, shared: 'shared_expert', hasSharedGate: true },
    config: ({ count }) => ({ shared_expert_intermediate_size: count('expert_shared_feed_forward_length'), norm_topk_prob: false }),
  },
  qwen3: { modelType: 'qwen3', className: 'Qwen3ForCausalLM', queryKeyNorm: 'heads' },
  qwen3moe: { modelType: 'qwen3_moe', className: 'Qwen3MoeForCausalLM', queryKeyNorm: 'heads', experts: MLP_EXPERTS },
  cohere2: {
    modelType: 'cohere2',
    className: 'Cohere2ForCausalLM',
    norms: { attn_norm: 'input_layernorm' },
    attentionBias: 'none',
    config: ({ number }) => ({
      layer_norm_eps: number('attention.layer_norm_epsilon') ?? 1e-5,
      logit_scale: number('logit_scale') ?? 1,
      sliding_window: number('attention.sliding_window') ?? 4096,
      sliding_window_pattern: 4,
    }),
  },
  deepseek2: {
    modelType: 'deepseek_v3',
    className: 'DeepseekV3ForCausalLM',
    isLatent: true,
    attentionBias: 'none',
    experts: {
      ...MLP_EXPERTS,
      shared: 'shared_experts',
      correction: ['mlp.gate', 'e_score_correction_bias'],
      isCorrectionOptional: true,
    },
    config: deepseek,
  },
  exaone4: {
    modelType: 'exaone4',
    className: 'Exaone4ForCausalLM',
    norms: POST_NORMS,
    queryKeyNorm: 'heads',
    config: ({ number }) => {
      const window = number('attention.sliding_window')
      return window === null ? {} : { sliding_window: window, sliding_window_pattern: 'LLLG' }
    },
  },
  gemma2: {
    modelType: 'gemma2',
    className: 'Gemma2ForCausalLM',
    norms: FOUR_NORMS,
    normOffset: 1,
    config: (keys) => ({
      ...gemma(keys),
      attn_logit_softcapping: keys.number('attn_logit_softcapping') ?? 50,
      final_logit_softcapping: keys.number('final_logit_softcapping') ?? 30,
    }),
  },
  gemma3: {
    modelType: 'gemma3_text',
    className: 'Gemma3ForCausalLM',
    norms: FOUR_NORMS,
    normOffset: 1,
    queryKeyNorm: 'heads',
    config: (keys) => ({
      ...gemma(keys),
      sliding_window: keys.number('attention.sliding_window') ?? 512,
      sliding_window_pattern: 6,
      rope_local_base_freq: 10_000,
    }),
  },
  glm4: {
    modelType: 'glm4',
    className: 'Glm4ForCausalLM',
    norms: {
      attn_norm: 'input_layernorm',
      post_attention_norm: 'post_self_attn_layernorm',
      ffn_norm: 'post_attention_layernorm',
      post_ffw_norm: 'post_mlp_layernorm',
    },
    gateUp: 'mlp.gate_up_proj',
    rotatesPart: true,
  },
  glm4moe: {
    modelType: 'glm4_moe',
    className: 'Glm4MoeForCausalLM',
    norms: { attn_norm: 'input_layernorm', post_attention_norm: 'post_attention_layernorm' },
    queryKeyNorm: 'heads',
    isQueryKeyNormOptional: true,
    attentionBias: 'possible',
    rotatesPart: true,
    experts: { ...MLP_EXPERTS, shared: 'shared_experts', correction: ['mlp.gate', 'e_score_correction_bias'] },
    config: ({ count, number }) => ({
      n_routed_experts: count('expert_count'),
      n_shared_experts: number('expert_shared_count') ?? 0,
      routed_scaling_factor: number('expert_weights_scale') ?? 1,
      n_group: 1,
      topk_group: 1,
      first_k_dense_replace: number('leading_dense_block_count') ?? 0,
    }),
  },
  granite: { modelType: 'granite', className: 'GraniteForCausalLM', permutesRope: true, config: granite },
  granitemoe: {
    modelType: 'granitemoe',
    className: 'GraniteMoeForCausalLM',
    permutesRope: true,
    experts: { module: 'block_sparse_moe', router: 'router.layer' },
    config: (keys) => ({ ...granite(keys), num_local_experts: keys.count('expert_count') }),
  },
  olmo2: { modelType: 'olmo2', className: 'Olmo2ForCausalLM', norms: POST_NORMS, queryKeyNorm: 'rows' },
  seed_oss: {
    modelType: 'seed_oss',
    className: 'SeedOssForCausalLM',
    norms: { attn_norm: 'input_layernorm', post_attention_norm: 'post_attention_layernorm' },
    attentionBias: 'required',
    config: () => ({ attention_out_bias: false }),
  },
  smollm3: { modelType: 'smollm3', className: 'SmolLM3ForCausalLM', permutesRope: true, config: () => ({ no_rope_layer_interval: 4 }) },
  ernie4_5: { modelType: 'ernie4_5', className: 'Ernie4_5ForCausalLM', attentionBias: 'none', config: () => ({ use_bias: false }) },
  'gpt-oss': {
    modelType: 'gpt_oss',
    className: 'GptOssForCausalLM',
    norms: { attn_norm: 'input_layernorm', post_attention_norm: 'post_attention_layernorm' },
    attentionBias: 'required',
    hasSinks: true,
    experts: { ...MLP_EXPERTS, router: 'router', stack: 'experts', hasBias: true },
    config: ({ number, count }) => ({
      num_local_experts: count('expert_count'),
      intermediate_size: number('expert_feed_forward_length') ?? count('feed_forward_length'),
      sliding_window: number('attention.sliding_window') ?? 128,
      rope_scaling: {
        rope_type: 'yarn',
        factor: number('rope.scaling.factor') ?? 32,
        original_max_position_embeddings: number('rope.scaling.original_context_length') ?? 4096,
        ...{ beta_fast: 32, beta_slow: 1, truncate: false },
      },
    }),
  },
  'ernie4_5-moe': {
    modelType: 'ernie4_5_moe',
    className: 'Ernie4_5_MoeForCausalLM',
    attentionBias: 'none',
    experts: {
      ...MLP_EXPERTS,
      shared: 'shared_experts',
      correction: ['mlp.moe_statics', 'e_score_correction_bias'],
      isCorrectionOptional: true,
    },
    config: ({ count, number }) => ({
      use_bias: false,
      moe_num_experts: count('expert_count'),
      moe_k: count('expert_used_count'),
      moe_num_shared_experts: number('expert_shared_count') ?? 0,
      moe_layer_start_index: number('leading_dense_block_count') ?? 0,
      moe_layer_interval: number('interleave_moe_layer_step') ?? 1,
    }),
  },
  'hunyuan-moe': {
    modelType: 'hunyuan',
    className: 'HunYuanMoEV1ForCausalLM',
    queryKeyNorm: 'heads',
    queryKeyNorms: ['query_layernorm', 'key_layernorm'],
    experts: { ...MLP_EXPERTS, router: 'gate.wg', shared: 'shared_mlp' },
    config: ({ count }) => ({
      moe_topk: count('expert_used_count'),
      num_shared_expert: 1,
      intermediate_size: count('expert_shared_feed_forward_length'),
      use_mixed_mlp_moe: true,
      use_qk_norm: true,
      use_cla: false,
    }),
  },
  phi3: {
    modelType: 'phi3',
    className: 'Phi3ForCausalLM',
    queryKeyValue: 'self_attn.qkv_proj',
    gateUp: 'mlp.gate_up_proj',
    attentionBias: 'none',
    rotatesPart: true,
  },
  'hunyuan-dense': {
    modelType: 'hunyuan_v1_dense',
    className: 'HunYuanDenseV1ForCausalLM',
    queryKeyNorm: 'heads',
    queryKeyNorms: ['query_layernorm', 'key_layernorm'],
    config: () => ({ use_qk_norm: true }),
  },
  'minimax-m2': {
    modelType: 'minimax_m2',
    className: 'MiniMaxM2ForCausalLM',
    queryKeyNorm: 'rows',
    rotatesPart: true,
    experts: { module: 'block_sparse_moe', correction: ['block_sparse_moe', 'e_score_correction_bias'] },
    config: ({ count }) => ({ num_local_experts: count('expert_count'), scoring_func: 'sigmoid', use_qk_norm: true }),
  },
}

/** GGUF calls Mixtral a llama with experts. */
const llamaWithExperts: GgufFamily = {
  modelType: 'mixtral',
  className: 'MixtralForCausalLM',
  permutesRope: true,
  experts: { module: 'block_sparse_moe' },
  config: ({ count }) => ({ num_local_experts: count('expert_count') }),
}

/** Architectures that also have models with experts. */
export const familiesWithExperts: Readonly<Record<string, GgufFamily>> = { llama: llamaWithExperts, gemma4: gemma4GgufWithExperts }

/** The values of a file's own architecture. @param shortest - the shortest decimal number that gives a float32 */
export function ggufKeys(
  metadata: GgufMetadata,
  architecture: string,
  sizes: Omit<GgufKeys, 'number' | 'count' | 'flag' | 'list' | 'flags'>,
  shortest: (single: number) => number,
): GgufKeys {
  return {
    ...sizes,
    number: (key) => {
      const value = metadata.number(`${architecture}.${key}`)
      return value === null ? null : shortest(value)
    },
    list: (key) => metadata.perLayer(`${architecture}.${key}`),
    flags: (key) => metadata.flags(`${architecture}.${key}`),
    flag: (key) => metadata.flag(`${architecture}.${key}`),
    count: (key) => metadata.requireCount(`${architecture}.${key}`),
  }
}
