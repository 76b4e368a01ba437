import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { planRopes } from './parts/rope-settings.ts'
import { plainRouter } from './parts/router.ts'

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
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: null,
        experts: {
          count: config.num_local_experts,
          width: config.intermediate_size,
          hasBias: false,
          router: plainRouter('block_sparse_moe.gate', config.num_experts_per_tok),
          stack: 'block_sparse_moe.switch_mlp',
          single: { module: 'block_sparse_moe.experts', gate: 'w1', up: 'w3', down: 'w2' },
        },
      }),
    }
  },
})
