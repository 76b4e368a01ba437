import { z } from 'zod'
import { NativeError } from '../native-error.ts'
import { planRope, RopeScaling } from '../plan/rope-plan.ts'
import { describeDense } from './dense-config.ts'
import { defineFamily, type DecoderDescription, type LayerAttention, type LayerInputsDescription } from './family.ts'
import { GEMMA_NORMS } from './gemma3.ts'
import { denseFeedForward, type ExpertsDescription, type FeedForwardDescription } from './parts/feed-forward.ts'
import { windowedLayers } from './parts/layer-windows.ts'
import { PLAIN_PLACE, WRAPPED_PLACES } from './parts/module-names.ts'
import { plainRouter } from './parts/router.ts'

const Size = z.int().min(1)
const Ropes = z.object({ full_attention: RopeScaling.optional(), sliding_attention: RopeScaling.optional() })
const DEFAULT_ROPES: z.infer<typeof Ropes> = {
  full_attention: { partial_rotary_factor: 0.25, rope_theta: 1_000_000, rope_type: 'proportional' },
  sliding_attention: { rope_theta: 10_000, rope_type: 'default' },
}

/** The text model's keys, with mlx-lm's defaults. */
const TextFields = z.object({
  hidden_size: Size.default(1536),
  num_hidden_layers: Size.default(35),
  intermediate_size: Size.default(6144),
  num_attention_heads: Size.default(8),
  head_dim: Size.default(256),
  /** Of layers without a window; 0: `head_dim`. */
  global_head_dim: z.int().min(0).nullable().default(512),
  rms_norm_eps: z.number().min(0).default(1e-6),
  vocab_size: Size.default(262_144),
  vocab_size_per_layer_input: Size.default(262_144),
  num_key_value_heads: Size.default(1),
  /** Of layers whose values are their keys. */
  num_global_key_value_heads: Size.nullish(),
  /** The number of last layers that attend to keys and values of earlier ones. */
  num_kv_shared_layers: z.int().min(0).default(20),
  /** The width of the inputs of each layer; 0: none. */
  hidden_size_per_layer_input: z.int().min(0).nullable().default(256),
  rope_traditional: z.boolean().default(false),
  rope_parameters: Ropes.default(DEFAULT_ROPES),
  sliding_window: Size.default(512),
  /** Without `layer_types`, one layer in each group of this many has no window. */
  sliding_window_pattern: Size.default(5),
  layer_types: z.array(z.string()).nullish(),
  attention_k_eq_v: z.boolean().default(false),
  attention_bias: z.literal(false).default(false),
  final_logit_softcapping: z.number().min(0).nullable().default(30),
  use_double_wide_mlp: z.boolean().nullable().default(true),
  enable_moe_block: z.boolean().default(false),
  num_experts: Size.nullish(),
  top_k_experts: Size.nullish(),
  moe_intermediate_size: Size.nullish(),
  tie_word_embeddings: z.boolean().default(true),
})
type TextConfig = z.infer<typeof TextFields>
const READS = ['final_logit_softcapping']

/** Gemma 4 as a text model. */
export const gemma4Text = defineFamily({
  modelTypes: ['gemma4_text'],
  reads: READS,
  schema: TextFields,
  describe: (config) => describeText(config, { modelType: 'gemma4_text', places: [PLAIN_PLACE] }),
})

/** Multimodal Gemma 4: only its text model. */
export const gemma4 = defineFamily({
  modelTypes: ['gemma4'],
  reads: READS,
  schema: z.object({ text_config: TextFields.extend({ vocab_size: Size.nullish() }), vocab_size: Size.nullish() }),
  describe: ({ text_config: text, vocab_size: vocabSize }) =>
    describeText({ ...text, vocab_size: vocabSize ?? text.vocab_size ?? 262_144 }, { modelType: 'gemma4', places: WRAPPED_PLACES }),
})

/**
 * Layers with and without a window differ in heads, sizes and rotation. The last layers attend to keys and values of the last
 * earlier layer of their kind. Small models have inputs of each layer's own, and one model has experts beside its dense part.
 * Tensor parallel: sums over ranks after the attention's output and after both parts of the feed-forward, before their norms.
 */
function describeText(config: TextConfig, names: Pick<DecoderDescription, 'modelType' | 'places'>): DecoderDescription {
  const layers = config.num_hidden_layers
  const isWindowed =
    windowedLayers(config) ?? Array.from({ length: layers }, (_, layer) => (layer + 1) % config.sliding_window_pattern !== 0)
  const wholeDim = config.global_head_dim || config.head_dim
  const rope = (kind: 'full_attention' | 'sliding_attention', dims: number) => {
    const scaling = config.rope_parameters[kind] ?? {}
    return planRope({ theta: scaling.rope_theta ?? 10_000, scaling, dims, isInterleaved: config.rope_traditional })
  }
  const { layerAttention, firstShared } = describeAttention(config, isWindowed, wholeDim)
  const width = (layer: number) =>
    config.intermediate_size * (config.use_double_wide_mlp && firstShared > 0 && layer >= firstShared ? 2 : 1)
  const experts = config.enable_moe_block ? describeExperts(config) : null
  return {
    ...describeDense({ ...config, rope_parameters: null, model_type: names.modelType }),
    ...names,
    norms: GEMMA_NORMS,
    embeddingScale: Math.sqrt(config.hidden_size),
    rope: rope('full_attention', wholeDim),
    windowRope: rope('sliding_attention', config.head_dim),
    windowTokens: isWindowed.map((is) => (is ? config.sliding_window : 0)),
    layerAttention,
    attentionScale: 1,
    hasQueryKeyNorm: true,
    areValuesNormed: true,
    logitCap: config.final_logit_softcapping ?? 0,
    feedForward: isWindowed.map((_, layer): FeedForwardDescription => {
      const dense = denseFeedForward(width(layer), { activation: 'gelu-tanh' })
      return experts === null ? dense : { ...dense, alwaysOutputNorm: 'post_feedforward_layernorm_1', experts }
    }),
    layerInputs: config.hidden_size_per_layer_input ? describeInputs(config, config.hidden_size_per_layer_input) : null,
    layerScale: 'layer_scalar',
    isHeadTied: config.tie_word_embeddings,
  }
}

function describeAttention(config: TextConfig, isWindowed: readonly boolean[], wholeDim: number) {
  const shared = config.num_kv_shared_layers
  const firstShared = config.num_hidden_layers - shared
  const layerAttention = isWindowed.map((is, layer): Partial<LayerAttention> => {
    const keysOf = shared > 0 && layer >= firstShared ? isWindowed.slice(0, Math.max(firstShared, 0)).lastIndexOf(is) : null
    if (keysOf !== null && keysOf < 0)
      throw new NativeError(
        'model-damaged',
        `config.json: num_kv_shared_layers (${shared}) leaves no layer of its kind to share keys with layer ${layer}.`,
        { key: 'num_kv_shared_layers' },
      )
    if (is) return { keysOf }
    const areValuesKeys = config.attention_k_eq_v
    const kvHeads = (areValuesKeys ? config.num_global_key_value_heads : null) ?? config.num_key_value_heads
    return { keysOf, headDim: wholeDim, areValuesKeys, kvHeads }
  })
  return { layerAttention, firstShared }
}

function describeExperts({ num_experts: count, top_k_experts: chosen, moe_intermediate_size: width }: TextConfig): ExpertsDescription {
  if (count == null || chosen == null || width == null || chosen > count)
    throw new NativeError(
      'model-damaged',
      'config.json: enable_moe_block needs num_experts, top_k_experts (at most num_experts) and moe_intermediate_size.',
      { key: 'enable_moe_block' },
    )
  return {
    count,
    width,
    hasBias: false,
    router: plainRouter('router.proj', chosen, {
      scoring: 'softmax-of-chosen',
      isNormalized: false,
      norm: 'router.scale',
      expertScale: 'router.per_expert_scale',
    }),
    stack: 'experts.switch_glu',
    single: null,
    inputNorm: 'pre_feedforward_layernorm_2',
    outputNorm: 'post_feedforward_layernorm_2',
  }
}

function describeInputs(config: TextConfig, width: number): LayerInputsDescription {
  const vocabSize = config.vocab_size_per_layer_input
  if (vocabSize < config.vocab_size)
    throw new NativeError(
      'model-unsupported',
      `config.json: a vocab_size_per_layer_input (${vocabSize}) below vocab_size (${config.vocab_size}) is not supported.`,
      { key: 'vocab_size_per_layer_input' },
    )
  return {
    width,
    vocabSize,
    embedding: 'embed_tokens_per_layer',
    projection: 'per_layer_model_projection',
    norm: 'per_layer_projection_norm',
    gate: 'per_layer_input_gate',
    up: 'per_layer_projection',
    outputNorm: 'post_per_layer_input_norm',
  }
}
