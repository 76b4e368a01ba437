import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { planRopes } from './parts/rope-settings.ts'
import { blockSparseExperts } from './parts/block-sparse-experts.ts'

/**
 * Mixtral: Llama with experts in every layer. Tensor parallel: sums over ranks after the attention's
 * output and after the weighted experts.
 */
export const mixtral = defineFamily({
  modelTypes: ['mixtral'],
  schema: DenseConfig.extend({
    num_local_experts: z.int().min(1).default(8),
    num_experts_per_tok: z.int().min(1).default(2),
  }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...planRopes(config, 1_000_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      feedForward: sameInEveryLayer(config, blockSparseExperts(config, { isBestFirst: true })),
    }
  },
})
