import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { denseFeedForward } from './feed-forward.ts'
import { WindowConfig, windowedLayers } from './layer-windows.ts'
import { planRopes } from './rope-settings.ts'

/** Llama and Mistral: the plain decoder, with biases and sliding windows where the config asks for them. */
export const llama = defineFamily({
  modelTypes: ['llama', 'mistral'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().nullish(),
    mlp_bias: z.boolean().nullish(),
    ...WindowConfig.shape,
  }),
  describe(config) {
    const dense = describeDense(config)
    const isWindowed = windowedLayers(config)
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed?.[layer] ? (config.sliding_window ?? 0) : 0)),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})
