import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense, ropeOf } from './dense-config.ts'
import { defineFamily } from './family.ts'

/** Qwen 2 and 2.5: Llama with biases on query, key and value. */
export const qwen2 = defineFamily({
  modelTypes: ['qwen2'],
  schema: DenseConfig,
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      rope: planRope({ ...ropeOf(config, 1_000_000), dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      hasQueryKeyValueBias: true,
    }
  },
})
