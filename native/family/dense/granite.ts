import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { planRopes } from '../parts/rope-settings.ts'

/** Granite 3: Llama with factors on the embedding, the attention, the outputs of both halves of a layer, and the logits. */
export const granite = defineFamily({
  modelTypes: ['granite'],
  reads: ['embedding_multiplier', 'residual_multiplier', 'attention_multiplier', 'logits_scaling'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().nullish(),
    mlp_bias: z.boolean().nullish(),
    embedding_multiplier: z.number().default(1),
    residual_multiplier: z.number().default(1),
    attention_multiplier: z.number().default(1),
    logits_scaling: z.number().gt(0).default(1),
  }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: false }),
      embeddingScale: config.embedding_multiplier,
      attentionScale: config.attention_multiplier,
      residualScale: config.residual_multiplier,
      logitScale: 1 / config.logits_scaling,
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})
