import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { groupedExpertsContradiction, GroupedExpertsConfig, groupedRouter, layersOfExperts } from '../parts/grouped-experts.ts'
import { WindowConfig, windowedLayers } from '../parts/layer-windows.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** K-EXAONE: windowed layers with rotary positions, full layers without, and DeepSeek's experts in the layers that the config names. */
export const exaoneMoe = defineFamily({
  modelTypes: ['exaone_moe'],
  schema: DenseConfig.extend({
    ...WindowConfig.shape,
    ...GroupedExpertsConfig.omit({ n_routed_experts: true, n_shared_experts: true, first_k_dense_replace: true }).shape,
    layer_types: z.array(z.string()),
    is_moe_layer: z.array(z.boolean()),
    num_experts: z.int().min(1),
    num_shared_experts: z.int().min(0).nullish(),
    routed_scaling_factor: z.number().default(2.5),
  }).check((context) => {
    const message = groupedExpertsContradiction({ ...context.value, n_routed_experts: context.value.num_experts }, 'num_experts')
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    requireSupported(config.model_type, 'scoring_func', config.scoring_func, ['sigmoid'])
    requireSupported(config.model_type, 'topk_method', config.topk_method, ['noaux_tc'])
    const dense = describeDense(config)
    const isWindowed = windowedLayers(config) ?? []
    const hasWindows = isWindowed.includes(true)
    const keys = { n_routed_experts: config.num_experts, n_shared_experts: config.num_shared_experts }
    const sparse = layersOfExperts({ ...config, ...keys, first_k_dense_replace: 0, moe_layer_freq: 1 }, groupedRouter(config))
    return {
      ...dense,
      rope: planWholeHeads(ropeOf({ ...config, ...(config.rope_parameters?.rope_theta && { rope_theta: null }) }, 1_000_000), {
        dims: dense.headDim,
        isInterleaved: false,
      }),
      layerAttention: isWindowed.map((windowed) => (windowed || !hasWindows ? {} : { rope: null })),
      windowTokens: isWindowed.map((windowed) => (windowed ? (config.sliding_window ?? 0) : 0)),
      hasQueryKeyNorm: true,
      feedForward: sparse.map((layer, index) => (config.is_moe_layer[index] ? layer : denseFeedForward(config.intermediate_size))),
    }
  },
})
