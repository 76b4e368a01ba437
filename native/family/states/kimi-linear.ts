import { z } from 'zod'
import { NO_ROPE } from '../../plan/rope-list.ts'
import { describeLatent, LatentConfig } from '../deepseek-v3.ts'
import { defineFamily } from '../family.ts'
import { groupsContradiction, layersOfExperts } from '../parts/grouped-experts.ts'
import type { RouterDescription } from '../parts/feed-forward.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { plainRouter } from '../parts/router.ts'

const Size = z.int().min(1)

/** The keys of config.json that Kimi's models with delta nets share. */
export const KimiLinearConfig = LatentConfig.extend({
  q_lora_rank: z.null().default(null),
  linear_attn_config: z.object({
    kda_layers: z.array(Size),
    num_heads: Size,
    head_dim: Size,
    short_conv_kernel_size: z.int().min(2).default(4),
  }),
  moe_intermediate_size: Size,
  num_experts: Size,
  num_experts_per_token: Size.default(1),
  num_shared_experts: z.int().min(0).default(0),
  moe_router_activation_func: z.string().default('sigmoid'),
  moe_renormalize: z.boolean().default(true),
  routed_scaling_factor: z.number().default(1),
  first_k_dense_replace: z.int().min(0).default(0),
  moe_layer_freq: Size.default(1),
  num_expert_group: Size.default(1),
  topk_group: Size.default(1),
})

type RouterConfig = Pick<
  z.infer<typeof KimiLinearConfig>,
  'num_experts_per_token' | 'moe_router_activation_func' | 'moe_renormalize' | 'num_expert_group' | 'topk_group' | 'routed_scaling_factor'
>

/** Describes a contradiction between the numbers of experts and groups; null: none. */
export function kimiContradiction(config: RouterConfig & { readonly num_experts: number }): string | null {
  const { num_experts: experts, num_expert_group: groups, topk_group: kept, num_experts_per_token: chosen } = config
  return groupsContradiction({ experts, expertsKey: 'num_experts', groups, kept, chosen })
}

export function kimiRouter(config: RouterConfig): RouterDescription {
  return plainRouter('mlp.gate', config.num_experts_per_token, {
    scoring: config.moe_router_activation_func === 'sigmoid' ? 'sigmoid' : 'softmax',
    correction: 'mlp.e_score_correction_bias',
    isNormalized: config.moe_renormalize && config.num_experts_per_token > 1,
    groups: config.num_expert_group,
    groupsKept: config.topk_group,
    scale: config.routed_scaling_factor,
  })
}

/**
 * Kimi Linear: delta nets in which every dimension of a key decays by itself (KDA), and latent attention without positions; experts after
 * some dense layers. Tensor parallel: sums over ranks after each half of a layer.
 */
export const kimiLinear = defineFamily({
  modelTypes: ['kimi_linear'],
  schema: KimiLinearConfig.check((context) => {
    const message = kimiContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    requireSupported(config.model_type, 'moe_router_activation_func', config.moe_router_activation_func, ['sigmoid', 'softmax'])
    const { kda_layers: deltaNets, num_heads: heads, head_dim: headDim, short_conv_kernel_size: kernel } = config.linear_attn_config
    const router = { ...kimiRouter(config), precision: 'model' } as const
    const deltaNet = { kind: 'key-delta-net', heads, headDim, kernel, normEpsilon: config.rms_norm_eps, module: 'self_attn' } as const
    return {
      ...describeLatent(config, config.rms_norm_eps),
      rope: NO_ROPE,
      // Layers are counted from 1.
      states: Array.from({ length: config.num_hidden_layers }, (_, layer) => (deltaNets.includes(layer + 1) ? deltaNet : null)),
      feedForward: layersOfExperts(
        { ...config, n_routed_experts: config.num_experts, n_shared_experts: config.num_shared_experts },
        router,
      ),
      isHeadTied: config.tie_word_embeddings ?? null,
    }
  },
})
