import { z } from 'zod'
import { DenseConfig, describeDense } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { QwenWindowConfig, qwenWindows } from './parts/layer-windows.ts'
import { QUERY_KEY_NORMS } from './parts/refuse-other-meaning.ts'
import { planRopes } from './parts/rope-settings.ts'

/** Qwen 3, dense: Llama with an RMS norm on every query and key head. */
export const qwen3 = defineFamily({
  modelTypes: ['qwen3'],
  reads: QUERY_KEY_NORMS,
  schema: DenseConfig.extend({ ...QwenWindowConfig.shape, attention_bias: z.boolean().nullish() }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...planRopes(config, 1_000_000, { dims: dense.headDim, isInterleaved: false }),
      windowTokens: qwenWindows(config),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      hasQueryKeyNorm: true,
    }
  },
})
