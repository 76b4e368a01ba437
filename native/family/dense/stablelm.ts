import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { PLAIN_NORMS } from '../parts/module-names.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { planRope } from '../../plan/rope-plan.ts'

/** StableLM: LayerNorms, rotary positions on a part of each head, and parallel halves in some models. */
export const stableLm = defineFamily({
  modelTypes: ['stablelm'],
  reads: ['use_parallel_residual'],
  schema: DenseConfig.extend({
    rms_norm_eps: z.number().min(0).nullish(),
    layer_norm_eps: z.number().min(0),
    use_qkv_bias: z.boolean().default(false),
    use_parallel_residual: z.boolean().default(false),
  }),
  describe(config) {
    // Heads share the hidden size, whatever head_dim says.
    const dense = describeDense({ ...config, head_dim: null, rms_norm_eps: config.layer_norm_eps })
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    const dims = Math.floor((turnedPart ?? 1) * dense.headDim)
    return {
      ...dense,
      layerNorm: { hasBias: true },
      rope: planRope({ theta, scaling, dims, isInterleaved: false }),
      hasQueryKeyValueBias: config.use_qkv_bias,
      isParallel: config.use_parallel_residual,
      norms: config.use_parallel_residual ? { ...PLAIN_NORMS, feedForward: null } : PLAIN_NORMS,
    }
  },
})
