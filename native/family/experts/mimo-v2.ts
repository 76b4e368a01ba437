import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { groupsContradiction } from '../parts/grouped-experts.ts'
import { PLAIN_ATTENTION } from '../parts/module-names.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { plainRouter, SINGLE_EXPERTS } from '../parts/router.ts'

const Size = z.int().min(1)
const PerLayer = z.array(z.int().min(0).max(1))

/**
 * MiMo V2 Flash: windowed layers have different heads and sinks, values are narrower than keys, and most layers have DeepSeek's
 * experts.
 */
export const mimoV2 = defineFamily({
  modelTypes: ['mimo_v2_flash'],
  schema: DenseConfig.extend({
    rms_norm_eps: z.number().min(0).nullish(),
    layernorm_epsilon: z.number().min(0),
    head_dim: Size,
    v_head_dim: Size,
    swa_num_attention_heads: Size,
    swa_num_key_value_heads: Size,
    swa_head_dim: Size,
    swa_v_head_dim: Size,
    swa_rope_theta: z.number().gt(0),
    sliding_window_size: Size,
    /** 1: the layer has a window. */
    hybrid_layer_pattern: PerLayer,
    /** 1: the layer has experts. */
    moe_layer_freq: PerLayer,
    add_swa_attention_sink_bias: z.boolean().default(false),
    add_full_attention_sink_bias: z.boolean().default(false),
    attention_value_scale: z.number().nullish(),
    /** The attention has no biases. */
    attention_bias: z.literal(false).default(false),
    moe_intermediate_size: Size,
    n_routed_experts: Size,
    n_shared_experts: z.int().min(0).nullish(),
    num_experts_per_tok: Size,
    n_group: Size.default(1),
    topk_group: Size.default(1),
    routed_scaling_factor: z.number().nullish(),
    norm_topk_prob: z.boolean().default(true),
    scoring_func: z.string().default('sigmoid'),
    topk_method: z.string().default('noaux_tc'),
  }).check((context) => {
    const { n_routed_experts: experts, n_group: groups, topk_group: kept, num_experts_per_tok: chosen, ...config } = context.value
    const tooShort = ['hybrid_layer_pattern', 'moe_layer_freq'].find(
      (key) => config[key as 'moe_layer_freq'].length < config.num_hidden_layers,
    )
    const message =
      tooShort === undefined
        ? groupsContradiction({ experts, expertsKey: 'n_routed_experts', groups, kept, chosen })
        : `${tooShort} does not name every layer`
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    requireSupported(config.model_type, 'scoring_func', config.scoring_func, ['sigmoid'])
    requireSupported(config.model_type, 'topk_method', config.topk_method, ['noaux_tc'])
    const dense = describeDense({ ...config, rms_norm_eps: config.layernorm_epsilon })
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    const isWindowed = (layer: number) => config.hybrid_layer_pattern[layer] === 1
    const dims = (headDim: number) => Math.trunc((turnedPart ?? 1) * headDim)
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: config.n_shared_experts ? gated('mlp.shared_experts', config.moe_intermediate_size * config.n_shared_experts) : null,
      experts: {
        count: config.n_routed_experts,
        width: config.moe_intermediate_size,
        hasBias: false,
        router: plainRouter('mlp.gate', config.num_experts_per_tok, {
          scoring: 'sigmoid',
          correction: 'mlp.gate.e_score_correction_bias',
          isNormalized: config.norm_topk_prob && config.num_experts_per_tok > 1,
          groups: config.n_group,
          groupsKept: config.topk_group,
          scale: config.routed_scaling_factor ?? 1,
        }),
        stack: 'mlp.switch_mlp',
        single: SINGLE_EXPERTS,
      },
    }
    return {
      ...dense,
      rope: planRope({ theta, scaling, dims: dims(dense.headDim), isInterleaved: false }),
      windowRope: planRope({ theta: config.swa_rope_theta, scaling: null, dims: dims(config.swa_head_dim), isInterleaved: false }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed(layer) ? config.sliding_window_size : 0)),
      attentionModules: { ...PLAIN_ATTENTION, sinks: 'self_attn.attention_sink_bias' },
      valueScale: config.attention_value_scale ?? 1,
      layerAttention: dense.windowTokens.map((_, layer) =>
        isWindowed(layer)
          ? {
              heads: config.swa_num_attention_heads,
              kvHeads: config.swa_num_key_value_heads,
              headDim: config.swa_head_dim,
              valueDim: config.swa_v_head_dim,
              attentionScale: config.swa_head_dim ** -0.5,
              hasAttentionSinks: config.add_swa_attention_sink_bias,
            }
          : { valueDim: config.v_head_dim, hasAttentionSinks: config.add_full_attention_sink_bias },
      ),
      feedForward: dense.windowTokens.map((_, layer) =>
        config.moe_layer_freq[layer] === 1 ? sparse : denseFeedForward(config.intermediate_size),
      ),
    }
  },
})
