import { z } from 'zod'
import { planRope, yarnMagnitude } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { describeGroupedExperts, GroupedExpertsConfig, groupedExpertsContradiction } from './grouped-experts.ts'
import { ropeOf } from './rope-settings.ts'

const Size = z.int().min(1)

/** Of the norms of the narrow layers, whatever the config gives for the others. */
const NARROW_NORM_EPSILON = 1e-6

/**
 * DeepSeek V3, R1 and V3.1, and Kimi K2: latent attention, and experts behind some dense layers. Tensor parallel: sums over
 * ranks after the attention's output and after the feed-forward, routed and shared experts together; every rank keeps the
 * whole latents.
 */
export const deepseekV3 = defineFamily({
  modelTypes: ['deepseek_v3', 'kimi_k2'],
  schema: DenseConfig.extend({
    ...GroupedExpertsConfig.shape,
    kv_lora_rank: Size,
    /** null: queries come straight from the hidden state. */
    q_lora_rank: Size.nullable().default(1536),
    qk_rope_head_dim: Size,
    qk_nope_head_dim: Size,
    v_head_dim: Size,
    attention_bias: z.boolean().default(false),
    rope_interleave: z.boolean().nullish(),
  }).check((context) => {
    const message = groupedExpertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const headDim = config.qk_nope_head_dim + config.qk_rope_head_dim
    const { theta, scaling } = ropeOf(config, 10_000)
    // What yarn enlarges queries and keys by; the rotation itself has the rest, its ratio to `mscale`.
    const magnitude = scaling?.mscale_all_dim ? yarnMagnitude(scaling, scaling.mscale_all_dim) : 1
    return {
      ...describeDense({ ...config, head_dim: headDim }),
      rope: planRope({ theta, scaling, dims: config.qk_rope_head_dim, isInterleaved: config.rope_interleave ?? true }),
      attentionScale: headDim ** -0.5 * magnitude ** 2,
      latent: {
        latentDim: config.kv_lora_rank,
        rotatedDim: config.qk_rope_head_dim,
        plainDim: config.qk_nope_head_dim,
        valueDim: config.v_head_dim,
        queryDim: config.q_lora_rank,
        hasNarrowBias: config.attention_bias,
        normEpsilon: NARROW_NORM_EPSILON,
      },
      hasAttentionOutputBias: config.attention_bias,
      feedForward: describeGroupedExperts(config),
      isHeadTied: null,
    }
  },
})
