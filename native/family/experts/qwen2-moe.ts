import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { planRopes } from '../parts/rope-settings.ts'
import { bestFirst } from '../parts/router.ts'
import { describeSharedExpert } from '../parts/shared-expert.ts'

const Size = z.int().min(1)

/** Qwen 1.5 and 2 with experts, plus a shared expert whose weight depends on the token. */
export const qwen2Moe = defineFamily({
  modelTypes: ['qwen2_moe'],
  schema: DenseConfig.extend({
    num_experts: Size,
    num_experts_per_tok: Size,
    moe_intermediate_size: Size,
    shared_expert_intermediate_size: Size,
    norm_topk_prob: z.boolean().default(false),
    decoder_sparse_step: Size.default(1),
    mlp_only_layers: z.array(z.int().min(0)).default([]),
    /** No layer has a window. */
    use_sliding_window: z.literal(false).default(false),
  }),
  describe(config) {
    const dense = describeDense(config)
    const sparse = bestFirst(describeSharedExpert(config))
    const isSparse = (layer: number) => !config.mlp_only_layers.includes(layer) && (layer + 1) % config.decoder_sparse_step === 0
    return {
      ...dense,
      ...planRopes(config, 1_000_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      hasQueryKeyValueBias: true,
      feedForward: dense.windowTokens.map((_, layer) => (isSparse(layer) ? sparse : denseFeedForward(config.intermediate_size))),
    }
  },
})
