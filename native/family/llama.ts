import { z } from 'zod'
import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense, ropeOf, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { denseFeedForward } from './feed-forward.ts'

/** Llama and Mistral: the plain decoder, with biases and sliding windows where the config asks for them. */
export const llama = defineFamily({
  modelTypes: ['llama', 'mistral'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().nullish(),
    mlp_bias: z.boolean().nullish(),
    layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).nullish(),
    sliding_window: z.int().min(1).nullish(),
  }),
  describe(config) {
    const dense = describeDense(config)
    const windowOf = (layer: number) => (config.layer_types?.[layer] === 'sliding_attention' ? (config.sliding_window ?? 0) : 0)
    return {
      ...dense,
      rope: planRope({ ...ropeOf(config, 10_000), dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      windowTokens: dense.windowTokens.map((_, layer) => windowOf(layer)),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})
