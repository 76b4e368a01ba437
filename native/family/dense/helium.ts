import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** Helium: Llama whose pairs of turned numbers are neighbours. */
export const helium = defineFamily({
  modelTypes: ['helium'],
  schema: DenseConfig.extend({ attention_bias: z.boolean().default(false), mlp_bias: z.boolean().default(false) }),
  describe(config) {
    const dense = describeDense({ ...config, head_dim: null })
    return {
      ...dense,
      rope: planWholeHeads(ropeOf(config, 100_000), { dims: dense.headDim, isInterleaved: true }),
      hasQueryKeyValueBias: config.attention_bias,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias })),
    }
  },
})
