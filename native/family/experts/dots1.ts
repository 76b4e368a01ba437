import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { groupsContradiction } from '../parts/grouped-experts.ts'
import { planRopes } from '../parts/rope-settings.ts'

/**
 * dots.llm1: Qwen 3's attention before DeepSeek's experts. Tensor parallel: sums over ranks after the attention's output and
 * after the feed-forward, routed and shared experts together.
 */
export const dots1 = defineFamily({
  modelTypes: ['dots1'],
  schema: DenseConfig.extend({
    moe_intermediate_size: z.int().min(1),
    n_routed_experts: z.int().min(1),
    n_shared_experts: z.int().min(0).nullish(),
    num_experts_per_tok: z.int().min(1),
    n_group: z.int().min(1).default(1),
    topk_group: z.int().min(1).default(1),
    routed_scaling_factor: z.number().default(1),
    norm_topk_prob: z.boolean().default(true),
    first_k_dense_replace: z.int().min(0).default(0),
    /** The attention has no biases. */
    attention_bias: z.literal(false).default(false),
    mlp_bias: z.boolean().default(false),
  }).check((context) => {
    const { n_routed_experts: experts, n_group: groups, topk_group: kept, num_experts_per_tok: chosen } = context.value
    const message = groupsContradiction({ experts, expertsKey: 'n_routed_experts', groups, kept, chosen })
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const dense = describeDense(config)
    const hasBias = config.mlp_bias
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: config.n_shared_experts
        ? gated('mlp.shared_experts', config.moe_intermediate_size * config.n_shared_experts, { hasBias })
        : null,
      experts: {
        count: config.n_routed_experts,
        width: config.moe_intermediate_size,
        hasBias: false,
        router: {
          module: 'mlp.gate',
          hasBias: false,
          scoring: 'sigmoid',
          correction: 'mlp.gate.e_score_correction_bias',
          chosen: config.num_experts_per_tok,
          isNormalized: config.norm_topk_prob && config.num_experts_per_tok > 1,
          groups: config.n_group,
          groupsKept: config.topk_group,
          scale: config.routed_scaling_factor,
        },
        stack: 'mlp.experts',
        single: { module: 'mlp.experts', gate: 'gate_proj', up: 'up_proj', down: 'down_proj' },
      },
    }
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: false }),
      hasQueryKeyNorm: true,
      feedForward: Array.from({ length: config.num_hidden_layers }, (_, layer) =>
        layer < config.first_k_dense_replace ? denseFeedForward(config.intermediate_size, { hasBias }) : sparse,
      ),
    }
  },
})
