import { z } from 'zod'
import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { describeGroupedExperts, GroupedExpertsConfig, groupedExpertsContradiction } from './parts/grouped-experts.ts'
import { QUERY_KEY_NORMS } from './parts/refuse-other-meaning.ts'
import { ropeOf } from './parts/rope-settings.ts'

/**
 * GLM 4.5 to 4.7, and Solar Open: rotary positions on part of each head, and DeepSeek's experts. Tensor parallel: sums over ranks
 * after the attention's output and after the feed-forward, routed and shared experts together.
 */
export const glm4Moe = defineFamily({
  modelTypes: ['glm4_moe', 'solar_open'],
  reads: QUERY_KEY_NORMS,
  schema: DenseConfig.extend({
    ...GroupedExpertsConfig.shape,
    attention_bias: z.boolean().nullish(),
    use_qk_norm: z.boolean().nullish(),
  }).check((context) => {
    const message = groupedExpertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const dense = describeDense(config)
    const { theta, scaling, turnedPart } = ropeOf(config, 1_000_000)
    return {
      ...dense,
      rope: planRope({ theta, scaling, dims: Math.floor(dense.headDim * (turnedPart ?? 0.5)), isInterleaved: false }),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasQueryKeyNorm: config.use_qk_norm ?? false,
      feedForward: describeGroupedExperts(config),
      isHeadTied: null,
    }
  },
})
