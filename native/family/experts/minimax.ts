import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { QUERY_KEY_NORMS } from '../parts/refuse-other-meaning.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { blockSparseExperts } from '../parts/block-sparse-experts.ts'

/**
 * MiniMax M2: norms over whole rows of queries and keys, and experts in every layer. Tensor parallel: sums over ranks of the rows'
 * squares, after the attention's output and after the weighted experts.
 */
export const minimax = defineFamily({
  modelTypes: ['minimax', 'minimax_m2'],
  reads: QUERY_KEY_NORMS,
  schema: DenseConfig.extend({
    num_local_experts: z.int().min(1),
    num_experts_per_tok: z.int().min(1),
    rotary_dim: z.int().min(2).nullish(),
    use_qk_norm: z.boolean().default(true),
    qk_norm_type: z.string().default('per_layer'),
    scoring_func: z.string().default('sigmoid'),
    /** There is no shared expert. */
    shared_intermediate_size: z.literal(0).default(0),
  }),
  describe(config) {
    requireSupported(config.model_type, 'scoring_func', config.scoring_func, ['sigmoid'])
    requireSupported(config.model_type, 'qk_norm_type', config.qk_norm_type, ['per_layer'])
    const dense = describeDense(config)
    const { theta, scaling, turnedPart } = ropeOf(config, 1_000_000)
    return {
      ...dense,
      rope: planRope({ theta, scaling, dims: config.rotary_dim ?? Math.floor(dense.headDim * (turnedPart ?? 1)), isInterleaved: false }),
      hasQueryKeyNorm: config.use_qk_norm,
      isRowNormed: true,
      feedForward: sameInEveryLayer(
        config,
        blockSparseExperts(config, {
          scoring: 'sigmoid',
          precision: 'logits',
          areWeightsRounded: true,
          correction: 'block_sparse_moe.e_score_correction_bias',
        }),
      ),
    }
  },
})
