import { DenseConfig, describeDense } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { QwenWindowConfig, qwenWindows } from './parts/layer-windows.ts'
import { planRopes } from './parts/rope-settings.ts'

/** Qwen 2 and 2.5: Llama with biases on query, key and value. */
export const qwen2 = defineFamily({
  modelTypes: ['qwen2'],
  schema: DenseConfig.extend(QwenWindowConfig.shape),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...planRopes(config, 1_000_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      windowTokens: qwenWindows(config),
      hasQueryKeyValueBias: true,
    }
  },
})

/** MiMo 7B: Qwen 2 without windows. */
export const mimo = defineFamily({
  modelTypes: ['mimo'],
  schema: DenseConfig,
  describe(config) {
    const dense = describeDense({ ...config, head_dim: null })
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      hasQueryKeyValueBias: true,
    }
  },
})
