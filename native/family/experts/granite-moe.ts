import { z } from 'zod'
import { sameInEveryLayer } from '../dense-config.ts'
import { granite } from '../dense/granite.ts'
import { defineFamily } from '../family.ts'
import { plainRouter } from '../parts/router.ts'

/** Granite 3 with experts in every layer. */
export const graniteMoe = defineFamily({
  modelTypes: ['granitemoe'],
  reads: granite.reads ?? [],
  schema: granite.schema.extend({
    num_local_experts: z.int().min(1),
    num_experts_per_tok: z.int().min(1),
    tie_word_embeddings: z.boolean().default(true),
  }),
  describe(config) {
    return {
      ...granite.describe({ ...config, head_dim: null }),
      isHeadTied: config.tie_word_embeddings,
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: null,
        experts: {
          count: config.num_local_experts,
          width: config.intermediate_size,
          hasBias: false,
          router: plainRouter('block_sparse_moe.router.layer', config.num_experts_per_tok, {
            scoring: 'softmax-of-chosen',
            isNormalized: false,
            precision: 'scores',
          }),
          stack: 'block_sparse_moe.switch_mlp',
          single: null,
        },
      }),
    }
  },
})
