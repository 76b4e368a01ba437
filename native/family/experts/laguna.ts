import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { WindowConfig, windowedLayers } from '../parts/layer-windows.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { plainRouter, SINGLE_EXPERTS } from '../parts/router.ts'

const Size = z.int().min(1)

/** Laguna: heads and rotations that differ by layer, a gate per head, and routed experts with a shared one. */
export const laguna = defineFamily({
  modelTypes: ['laguna'],
  schema: DenseConfig.extend({
    ...WindowConfig.shape,
    attention_bias: z.boolean().default(false),
    qkv_bias: z.boolean().default(false),
    gating: z.boolean().default(true),
    num_attention_heads_per_layer: z.array(Size).nullish(),
    mlp_layer_types: z.array(z.enum(['dense', 'sparse'])).nullish(),
    num_experts: Size,
    num_experts_per_tok: Size,
    moe_intermediate_size: Size,
    shared_expert_intermediate_size: Size,
    moe_routed_scaling_factor: z.number().default(1),
    moe_router_logit_softcapping: z.number().min(0).default(0),
    moe_router_score_func: z.string().default('sigmoid'),
  }),
  describe(config) {
    requireSupported(config.model_type, 'moe_router_score_func', config.moe_router_score_func, ['sigmoid', 'sqrtsoftplus'])
    const dense = describeDense(config)
    const isWindowed = windowedLayers(config)
    const ropeOfKind = (kind: 'full_attention' | 'sliding_attention') => {
      const { theta, scaling, turnedPart } = ropeOf({ ...config, partial_rotary_factor: null }, 10_000, kind)
      return planRope({
        theta,
        scaling,
        dims: Math.trunc(dense.headDim * (turnedPart ?? config.partial_rotary_factor ?? 1)),
        isInterleaved: false,
      })
    }
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: gated('mlp.shared_expert', config.shared_expert_intermediate_size),
      experts: {
        count: config.num_experts,
        width: config.moe_intermediate_size,
        hasBias: false,
        router: plainRouter('mlp.gate.proj', config.num_experts_per_tok, {
          scoring: config.moe_router_score_func === 'sigmoid' ? 'sigmoid' : 'sqrt-softplus',
          correction: 'mlp.gate.e_score_correction_bias',
          logitCap: config.moe_router_logit_softcapping,
          scale: config.moe_routed_scaling_factor,
        }),
        stack: 'mlp.switch_mlp',
        single: SINGLE_EXPERTS,
      },
    }
    return {
      ...dense,
      rope: ropeOfKind('full_attention'),
      windowRope: ropeOfKind('sliding_attention'),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed?.[layer] ? (config.sliding_window ?? 512) : 0)),
      layerAttention: dense.windowTokens.map((_, layer) => ({ heads: config.num_attention_heads_per_layer?.[layer] ?? dense.heads })),
      hasQueryKeyValueBias: config.qkv_bias,
      hasAttentionOutputBias: config.attention_bias,
      hasQueryKeyNorm: true,
      outputGate: config.gating ? 'head-softplus' : 'none',
      feedForward: dense.windowTokens.map((_, layer) =>
        (config.mlp_layer_types?.[layer] ?? (layer === 0 ? 'dense' : 'sparse')) === 'sparse'
          ? sparse
          : denseFeedForward(config.intermediate_size),
      ),
    }
  },
})
