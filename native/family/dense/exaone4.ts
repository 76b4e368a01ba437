import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { OUTPUT_NORMS } from './olmo.ts'
import { QUERY_KEY_NORMS } from '../parts/refuse-other-meaning.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** ExaOne 4: norms on the outputs of both halves, windowed layers with rotary positions, and full layers without. */
export const exaone4 = defineFamily({
  modelTypes: ['exaone4'],
  reads: QUERY_KEY_NORMS,
  schema: DenseConfig.extend({
    sliding_window: z.int().min(0).nullish(),
    /** A repeating pattern of one letter per layer: L has a window, G does not. Empty or absent: no layer has one. */
    sliding_window_pattern: z
      .string()
      .regex(/^[LG]*$/)
      .nullish(),
  }),
  describe(config) {
    const dense = describeDense(config)
    const pattern = config.sliding_window_pattern || null
    const isWindowed = (layer: number) => pattern !== null && pattern[layer % pattern.length] === 'L'
    return {
      ...dense,
      rope: planWholeHeads(ropeOf(config, 10_000), { dims: dense.headDim, isInterleaved: false }),
      layerAttention: dense.windowTokens.map((_, layer) => (pattern === null || isWindowed(layer) ? {} : { rope: null })),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed(layer) ? (config.sliding_window ?? 0) : 0)),
      hasQueryKeyNorm: true,
      norms: OUTPUT_NORMS,
    }
  },
})
