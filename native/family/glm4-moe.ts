import { z } from 'zod'
import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense, ropeOf } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { describeGroupedExperts, GroupedExpertsConfig, groupedExpertsContradiction } from './grouped-experts.ts'

/**
 * GLM 4.5 and 4.6: part of each head turns, and feed-forwards are DeepSeek's experts. Tensor parallel: sums over ranks
 * after the attention's output and after the feed-forward, routed and shared experts together.
 */
export const glm4Moe = defineFamily({
  modelTypes: ['glm4_moe'],
  schema: DenseConfig.extend({
    ...GroupedExpertsConfig.shape,
    attention_bias: z.boolean().nullish(),
    use_qk_norm: z.boolean().nullish(),
    partial_rotary_factor: z.number().gt(0).max(1).nullish(),
  }).check((context) => {
    const message = groupedExpertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const dense = describeDense(config)
    const turned = Math.floor(dense.headDim * (config.partial_rotary_factor ?? config.rope_parameters?.partial_rotary_factor ?? 0.5))
    return {
      ...dense,
      // As in mlx-lm, which does not read rope_scaling here.
      rope: planRope({ ...ropeOf(config, 1_000_000), scaling: null, dims: turned, isInterleaved: false }),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasQueryKeyNorm: config.use_qk_norm ?? false,
      feedForward: describeGroupedExperts(config),
      isHeadTied: null,
    }
  },
})
