import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { blockSparseExperts } from '../parts/block-sparse-experts.ts'

const Size = z.int().min(1)

/** Phi 3.5 MoE: norms that subtract the mean, biases up to the head, and a router that chooses one expert after the other. */
export const phimoe = defineFamily({
  modelTypes: ['phimoe'],
  schema: DenseConfig.extend({
    num_local_experts: Size,
    num_experts_per_tok: Size.default(2),
    router_jitter_noise: z.number().min(0).default(0.01),
  }),
  describe(config) {
    const dense = describeDense({ ...config, head_dim: null })
    const { theta, scaling } = ropeOf(config, 10_000)
    return {
      ...dense,
      rope: planRope({ theta, scaling: scaling && { ...scaling, type: 'longrope' }, dims: dense.headDim, isInterleaved: false }),
      layerNorm: { hasBias: true },
      hasQueryKeyValueBias: true,
      hasAttentionOutputBias: true,
      hasHeadBias: true,
      feedForward: sameInEveryLayer(
        config,
        blockSparseExperts(config, { scoring: 'sparse-mixer', isNormalized: false, jitter: config.router_jitter_noise }),
      ),
      isHeadTied: false,
    }
  },
})
