import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { planRopes } from '../parts/rope-settings.ts'

/** SmolLM 3: Llama without rotary positions in some layers. */
export const smolLm3 = defineFamily({
  modelTypes: ['smollm3'],
  reads: ['no_rope_layers'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().nullish(),
    mlp_bias: z.boolean().nullish(),
    no_rope_layer_interval: z.int().min(1).default(4),
    /** 1: the layer has rotary positions. */
    no_rope_layers: z.array(z.int()).nullish(),
  }).refine(({ no_rope_layers: layers, num_hidden_layers: count }) => layers == null || layers.length === count, {
    error: 'no_rope_layers does not name every layer',
  }),
  describe(config) {
    const dense = describeDense(config)
    const turns = (layer: number) => config.no_rope_layers?.[layer] ?? Number((layer + 1) % config.no_rope_layer_interval !== 0)
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      layerAttention: dense.windowTokens.map((_, layer) => (turns(layer) ? {} : { rope: null })),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})
