import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { describeParallelHalves, ParallelHalvesConfig } from '../parts/parallel-halves.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** Command R: parallel halves after one LayerNorm. Command R+ is refused: its heads have norms of their own. */
export const cohere = defineFamily({
  modelTypes: ['cohere'],
  reads: ['logit_scale'],
  schema: DenseConfig.extend(ParallelHalvesConfig.shape),
  describe(config) {
    // Heads share the hidden size, whatever head_dim says.
    const dense = describeDense({ ...config, head_dim: null, rms_norm_eps: config.layer_norm_eps })
    return {
      ...dense,
      rope: planWholeHeads(ropeOf(config, 8_000_000), { dims: dense.headDim, isInterleaved: true }),
      ...describeParallelHalves(config),
    }
  },
})
