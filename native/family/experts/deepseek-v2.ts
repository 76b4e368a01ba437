import { z } from 'zod'
import { describeLatent, LatentConfig } from '../deepseek-v3.ts'
import { defineFamily } from '../family.ts'
import { GroupedExpertsConfig, groupedExpertsContradiction, layersOfExperts } from '../parts/grouped-experts.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { plainRouter } from '../parts/router.ts'

const GROUPED = 'group_limited_greedy'

/** DeepSeek V2 and Coder V2: latent attention, and experts with softmax scores. A group counts by its best expert. */
export const deepseekV2 = defineFamily({
  modelTypes: ['deepseek_v2'],
  schema: LatentConfig.extend({
    ...GroupedExpertsConfig.shape,
    num_experts_per_tok: z.int().min(1).nullish(),
    n_group: z.int().min(1).nullish(),
    topk_group: z.int().min(1).nullish(),
    topk_method: z.string().default('greedy'),
    scoring_func: z.string().default('softmax'),
  }).check((context) => {
    const { n_group: groups, topk_group: kept, num_experts_per_tok: chosen, topk_method: method, n_routed_experts } = context.value
    const ofGroups = method === GROUPED ? { n_group: groups ?? 1, topk_group: kept ?? 1 } : { n_group: 1, topk_group: 1 }
    const message = groupedExpertsContradiction({ n_routed_experts, ...ofGroups, num_experts_per_tok: chosen ?? 1 })
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    requireSupported(config.model_type, 'scoring_func', config.scoring_func, ['softmax'])
    requireSupported(config.model_type, 'topk_method', config.topk_method, ['greedy', 'gready', GROUPED])
    const isGrouped = config.topk_method === GROUPED
    const router = plainRouter('mlp.gate', config.num_experts_per_tok ?? 1, {
      isNormalized: false,
      isGroupBest: true,
      isBestFirst: true,
      groups: isGrouped ? (config.n_group ?? 1) : 1,
      groupsKept: isGrouped ? (config.topk_group ?? 1) : 1,
      scale: config.routed_scaling_factor,
    })
    return {
      ...describeLatent(config, 1e-6),
      feedForward: layersOfExperts(config, router),
      isHeadTied: null,
    }
  },
})
