import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { describeParallelHalves, ParallelHalvesConfig } from '../parts/parallel-halves.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** Command R7B and A: parallel halves after one LayerNorm, windowed layers with rotary positions, and full layers without. */
export const cohere2 = defineFamily({
  modelTypes: ['cohere2'],
  reads: ['logit_scale'],
  schema: DenseConfig.extend({
    ...ParallelHalvesConfig.shape,
    sliding_window: z.int().min(1).default(4096),
    /** One layer in each group of this many attends to all positions. */
    sliding_window_pattern: z.int().min(1).default(4),
  }),
  describe(config) {
    const dense = describeDense({ ...config, rms_norm_eps: config.layer_norm_eps })
    const isWindowed = (layer: number) => (layer + 1) % config.sliding_window_pattern !== 0
    return {
      ...dense,
      rope: planWholeHeads(ropeOf(config, 50_000), { dims: dense.headDim, isInterleaved: true }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed(layer) ? config.sliding_window : 0)),
      layerAttention: dense.windowTokens.map((_, layer) => (isWindowed(layer) ? {} : { rope: null })),
      ...describeParallelHalves(config),
    }
  },
})
