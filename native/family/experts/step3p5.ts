import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { windowedLayers } from '../parts/layer-windows.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { plainRouter } from '../parts/router.ts'

const Size = z.int().min(1)
const Limits = z.array(z.number().min(0).nullable()).nullish()

/** Step 3.5: windowed layers have different heads and rotations; each head has a gate, and each layer its activation limits. */
export const step3p5 = defineFamily({
  modelTypes: ['step3p5'],
  schema: DenseConfig.extend({
    rms_norm_eps: z.number().min(0).default(1e-5),
    head_dim: Size,
    num_attention_groups: Size,
    /** One value for all layers, or one for each layer. */
    rope_theta: z.union([z.number().gt(0), z.array(z.number().gt(0))]).nullish(),
    partial_rotary_factors: z.array(z.number().gt(0).max(1)).nullish(),
    yarn_only_types: z.array(z.string()).nullish(),
    sliding_window: Size.default(512),
    layer_types: z.array(z.string()).nullish(),
    attention_other_setting: z.looseObject({ num_attention_heads: Size, num_attention_groups: Size }).nullish(),
    use_head_wise_attn_gate: z.boolean().default(true),
    moe_num_experts: Size,
    moe_top_k: Size,
    moe_intermediate_size: Size,
    share_expert_dim: Size,
    /** The indices of the layers with experts, separated by commas. */
    moe_layers_enum: z
      .string()
      .regex(/^[\d,\s]*$/)
      .nullish(),
    moe_router_scaling_factor: z.number().default(3),
    moe_router_activation: z.literal('sigmoid').default('sigmoid'),
    norm_expert_weight: z.boolean().default(true),
    swiglu_limits: Limits,
    swiglu_limits_shared: Limits,
  }).refine((config) => config.moe_top_k <= config.moe_num_experts, { error: 'moe_top_k exceeds moe_num_experts' }),
  describe(config) {
    const { rope_theta: thetas, ...others } = config
    const dense = describeDense({ ...others, num_key_value_heads: config.num_attention_groups })
    const named = windowedLayers(config)
    const isWindowed = (layer: number) => named?.[layer] ?? layer % 2 === 0
    const other = config.attention_other_setting
    const ropeOfLayer = (layer: number) => {
      const own = Array.isArray(thetas) ? thetas[layer] : thetas
      const { theta, scaling } = ropeOf({ ...others, rope_theta: own ?? null }, 10_000)
      const kind = named?.[layer] ? 'sliding_attention' : 'full_attention'
      const isScaled = !config.yarn_only_types?.length || config.yarn_only_types.includes(kind)
      const dims = Math.trunc(dense.headDim * (config.partial_rotary_factors?.[layer] ?? 1))
      return planRope({ theta, scaling: isScaled ? scaling : null, dims, isInterleaved: false })
    }
    const sparseLayers = config.moe_layers_enum ? new Set(config.moe_layers_enum.split(',').map(Number)) : null
    const feedForward = (layer: number): FeedForwardDescription => {
      const alwaysLimit = config.swiglu_limits_shared?.[layer] ?? 0
      if (!(sparseLayers?.has(layer) ?? layer > 0)) {
        return { activation: 'limited-silu', always: gated('mlp', config.intermediate_size), alwaysLimit, experts: null }
      }
      return {
        activation: 'limited-silu',
        always: gated('mlp.share_expert', config.share_expert_dim),
        alwaysLimit,
        experts: {
          count: config.moe_num_experts,
          width: config.moe_intermediate_size,
          hasBias: false,
          limit: config.swiglu_limits?.[layer] ?? 0,
          router: plainRouter('mlp.gate.gate', config.moe_top_k, {
            scoring: 'sigmoid',
            correction: 'mlp.gate.router_bias',
            isNormalized: config.norm_expert_weight,
            scale: config.moe_router_scaling_factor,
          }),
          stack: 'mlp.switch_mlp',
          single: null,
        },
      }
    }
    return {
      ...dense,
      rope: ropeOfLayer(0),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed(layer) ? config.sliding_window : 0)),
      layerAttention: dense.windowTokens.map((_, layer) => ({
        rope: ropeOfLayer(layer),
        ...(isWindowed(layer) && other && { heads: other.num_attention_heads, kvHeads: other.num_attention_groups }),
      })),
      hasQueryKeyNorm: true,
      outputGate: config.use_head_wise_attn_gate ? 'head-sigmoid' : 'none',
      feedForward: dense.windowTokens.map((_, layer) => feedForward(layer)),
    }
  },
})
