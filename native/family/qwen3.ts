import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense, ropeOf } from './dense-config.ts'
import { defineFamily } from './family.ts'

/** Qwen 3, dense: Llama with an RMS norm on every query and key head. */
export const qwen3 = defineFamily({
  modelTypes: ['qwen3'],
  schema: DenseConfig,
  describe(config) {
    const dense = describeDense(config)
    return { ...dense, rope: planRope({ ...ropeOf(config, 1_000_000), dims: dense.headDim, isInterleaved: false }), hasQueryKeyNorm: true }
  },
})
