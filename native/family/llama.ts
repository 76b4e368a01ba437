import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { denseFeedForward } from './parts/feed-forward.ts'
import { WindowConfig, windowedLayers } from './parts/layer-windows.ts'
import { planRopes } from './parts/rope-settings.ts'

/** Llama, Mistral, TeleChat 3 and others: the plain decoder, with biases and sliding windows if the config has them. */
export const llama = defineFamily({
  modelTypes: ['iquestcoder', 'llama', 'mistral', 'telechat3', 'xverse'],
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

/** Seed-OSS: Llama with a separate switch for the bias of the attention's output. */
export const seedOss = defineFamily({
  modelTypes: ['seed_oss'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().nullish(),
    attention_out_bias: z.boolean().nullish(),
    mlp_bias: z.boolean().nullish(),
  }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_out_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})

/** Ernie 4.5, dense: Llama with interleaved rotary positions and one switch for all biases. */
export const ernie45 = defineFamily({
  modelTypes: ['ernie4_5'],
  schema: DenseConfig.extend({ use_bias: z.boolean().nullish() }),
  describe(config) {
    const dense = describeDense(config)
    const hasBias = config.use_bias ?? false
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: true }),
      hasQueryKeyValueBias: hasBias,
      hasAttentionOutputBias: hasBias,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias })),
    }
  },
})

/** InternLM 3: Llama with separate switches for the biases of the attention and the feed-forward. */
export const internLm3 = defineFamily({
  modelTypes: ['internlm3'],
  schema: DenseConfig.extend({ bias: z.boolean().nullish(), qkv_bias: z.boolean().nullish() }),
  describe(config) {
    const dense = describeDense({ ...config, head_dim: null })
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      hasQueryKeyValueBias: config.qkv_bias ?? false,
      hasAttentionOutputBias: config.qkv_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.bias ?? false })),
    }
  },
})
