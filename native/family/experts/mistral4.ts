import { growthOf } from '../dense/ministral3.ts'
import { describeLatent, LatentConfig } from '../deepseek-v3.ts'
import { defineFamily } from '../family.ts'
import { GroupedExpertsConfig, groupedExpertsContradiction, layersOfExperts } from '../parts/grouped-experts.ts'
import { plainRouter } from '../parts/router.ts'

/** Mistral 4: DeepSeek's latent attention with queries scaled by their position, and experts with softmax scores. */
export const mistral4 = defineFamily({
  modelTypes: ['mistral4'],
  schema: LatentConfig.extend(GroupedExpertsConfig.shape).check((context) => {
    const message = groupedExpertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const queryGrowth = growthOf(config)
    const router = plainRouter('mlp.gate', config.num_experts_per_tok, {
      isNormalized: config.norm_topk_prob,
      groups: config.n_group,
      groupsKept: config.topk_group,
      scale: config.routed_scaling_factor,
      precision: 'scores',
    })
    return {
      // The theta in `rope_parameters` takes precedence over a separate one.
      ...describeLatent({ ...config, rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta }, 1e-6),
      layerAttention: Array.from({ length: config.num_hidden_layers }, () => ({ queryGrowth })),
      // The family has no moe_layer_freq: every layer after the dense ones has experts.
      feedForward: layersOfExperts({ ...config, moe_layer_freq: 1 }, router),
    }
  },
})
