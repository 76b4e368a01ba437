import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import type { QueryGrowth } from '../../plan/decoder-plan.ts'
import { defineFamily } from '../family.ts'
import { WindowConfig, windowedLayers } from '../parts/layer-windows.ts'
import { planRopes, type RopeConfig } from '../parts/rope-settings.ts'

const Growth = z.object({ llama_4_scaling_beta: z.number().default(0), original_max_position_embeddings: z.number().gt(0).default(16_384) })

/** Ministral 3 and Devstral: Llama with queries that are scaled up with their position. */
export const ministral3 = defineFamily({
  modelTypes: ['ministral3'],
  schema: DenseConfig.extend(WindowConfig.shape),
  describe(config) {
    const dense = describeDense(config)
    const isWindowed = windowedLayers(config)
    const queryGrowth = growthOf(config)
    return {
      ...dense,
      // As in mlx-lm, the theta in `rope_parameters` takes precedence over a top-level one.
      ...planRopes({ ...config, rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta }, 1_000_000, {
        dims: dense.headDim,
        isInterleaved: false,
      }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed?.[layer] ? (config.sliding_window ?? 0) : 0)),
      layerAttention: dense.windowTokens.map(() => ({ queryGrowth })),
    }
  },
})

/** The growth that `rope_parameters` describes. */
export function growthOf({ rope_parameters: parameters, rope_scaling: scaling }: RopeConfig): QueryGrowth | null {
  const { llama_4_scaling_beta: beta, original_max_position_embeddings: length } = Growth.parse(parameters ?? scaling ?? {})
  return beta === 0 ? null : { beta, length, offset: 0 }
}
