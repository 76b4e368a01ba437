import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { WindowConfig, windowedLayers } from '../parts/layer-windows.ts'
import { planRopes } from '../parts/rope-settings.ts'
import { qwenExperts } from '../parts/qwen-experts.ts'

/** Mellum 2: Qwen 3 with experts, windows in some layers, and rotary positions by the kind of layer. */
export const mellum = defineFamily({
  modelTypes: ['mellum'],
  schema: DenseConfig.extend({
    ...WindowConfig.shape,
    num_experts: z.int().min(1),
    num_experts_per_tok: z.int().min(1),
    moe_intermediate_size: z.int().min(1),
    norm_topk_prob: z.boolean(),
  }),
  describe(config) {
    const dense = describeDense(config)
    const isWindowed = windowedLayers(config)
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: false }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed?.[layer] ? (config.sliding_window ?? 0) : 0)),
      hasQueryKeyNorm: true,
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: null,
        experts: qwenExperts(config, config.moe_intermediate_size),
      }),
    }
  },
})
