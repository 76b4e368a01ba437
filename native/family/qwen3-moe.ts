import { z } from 'zod'
import { DenseConfig, describeDense } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { denseFeedForward, type FeedForwardDescription } from './parts/feed-forward.ts'
import { QwenWindowConfig, qwenWindows } from './parts/layer-windows.ts'
import { QUERY_KEY_NORMS } from './parts/refuse-other-meaning.ts'
import { planRopes } from './parts/rope-settings.ts'
import { qwenExperts } from './parts/qwen-experts.ts'

/**
 * Qwen 3 with experts, except in the layers that `mlp_only_layers` and `decoder_sparse_step` keep dense. Tensor parallel:
 * sums over ranks after the attention's output and after the weighted experts.
 */
export const qwen3Moe = defineFamily({
  modelTypes: ['qwen3_moe'],
  reads: QUERY_KEY_NORMS,
  schema: DenseConfig.extend({
    num_experts: z.int().min(0),
    num_experts_per_tok: z.int().min(1),
    moe_intermediate_size: z.int().min(1),
    norm_topk_prob: z.boolean().default(true),
    decoder_sparse_step: z.int().min(1).default(1),
    mlp_only_layers: z.array(z.int().min(0)).default([]),
    attention_bias: z.boolean().nullish(),
    ...QwenWindowConfig.shape,
  }),
  describe(config) {
    const dense = describeDense(config)
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: null,
      experts: qwenExperts(config, config.moe_intermediate_size),
    }
    const isSparse = (layer: number) =>
      config.num_experts > 0 && !config.mlp_only_layers.includes(layer) && (layer + 1) % config.decoder_sparse_step === 0
    return {
      ...dense,
      ...planRopes(config, 1_000_000, { dims: dense.headDim, isInterleaved: false }),
      windowTokens: qwenWindows(config),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      hasQueryKeyNorm: true,
      feedForward: Array.from({ length: config.num_hidden_layers }, (_, layer) =>
        isSparse(layer) ? sparse : denseFeedForward(config.intermediate_size),
      ),
    }
  },
})
