import { growthOf } from '../dense/ministral3.ts'
import { describeLatent, LatentConfig } from '../deepseek-v3.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { GroupedExpertsConfig, groupedExpertsContradiction } from '../parts/grouped-experts.ts'
import { plainRouter, SINGLE_EXPERTS } from '../parts/router.ts'

/** Mistral 4: DeepSeek's latent attention with queries that grow with their position, and experts by softmax. */
export const mistral4 = defineFamily({
  modelTypes: ['mistral4'],
  schema: LatentConfig.extend(GroupedExpertsConfig.shape).check((context) => {
    const message = groupedExpertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const queryGrowth = growthOf(config)
    const dense = denseFeedForward(config.intermediate_size)
    const { n_routed_experts: count, n_shared_experts: shared, moe_intermediate_size: width } = config
    const sparse: FeedForwardDescription | null =
      count == null
        ? null
        : {
            activation: 'silu',
            always: shared ? gated('mlp.shared_experts', width * shared) : null,
            experts: {
              count,
              width,
              hasBias: false,
              router: plainRouter('mlp.gate', config.num_experts_per_tok, {
                isNormalized: config.norm_topk_prob,
                groups: config.n_group,
                groupsKept: config.topk_group,
                scale: config.routed_scaling_factor,
              }),
              stack: 'mlp.switch_mlp',
              single: SINGLE_EXPERTS,
            },
          }
    const layers = Array.from({ length: config.num_hidden_layers }, (_, layer) => layer)
    return {
      // The theta of `rope_parameters` counts before one beside them.
      ...describeLatent({ ...config, rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta }, 1e-6),
      layerAttention: layers.map(() => ({ queryGrowth })),
      feedForward: layers.map((layer) => (layer >= config.first_k_dense_replace ? (sparse ?? dense) : dense)),
    }
  },
})
