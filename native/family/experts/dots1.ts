import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { groupedExpertsContradiction, GroupedExpertsConfig, groupedRouter, layersOfExperts } from '../parts/grouped-experts.ts'
import { planRopes } from '../parts/rope-settings.ts'

/**
 * dots.llm1: Qwen 3's attention before DeepSeek's experts. Tensor parallel: sums over ranks after the attention's output and
 * after the feed-forward, routed and shared experts together.
 */
export const dots1 = defineFamily({
  modelTypes: ['dots1'],
  schema: DenseConfig.extend({
    ...GroupedExpertsConfig.shape,
    n_routed_experts: z.int().min(1),
    /** The attention has no biases. */
    attention_bias: z.literal(false).default(false),
    mlp_bias: z.boolean().default(false),
  }).check((context) => {
    const message = groupedExpertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const dense = describeDense(config)
    const everyLayer = { ...config, moe_layer_freq: 1 }
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: false }),
      hasQueryKeyNorm: true,
      feedForward: layersOfExperts(everyLayer, groupedRouter(config), { hasBias: config.mlp_bias, stack: 'mlp.experts' }),
    }
  },
})
