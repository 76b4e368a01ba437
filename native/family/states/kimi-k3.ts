import { z } from 'zod'
import { NO_ROPE } from '../../plan/rope-list.ts'
import { describeLatent } from '../deepseek-v3.ts'
import { defineFamily } from '../family.ts'
import { gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { kimiContradiction, KimiLinearConfig, kimiRouter } from './kimi-linear.ts'

const Size = z.int().min(1)
const Bound = z.number().gt(0)

/** Epsilon of the norms of the narrow layers of attention. */
const NARROW_NORM_EPSILON = 1e-6

/**
 * Kimi K3: like Kimi Linear, with limited decays, gates on all results, experts of a narrower state, and halves of layers that read a mix
 * of the states before earlier blocks. Tensor parallel: sums over ranks after each half of a layer.
 */
export const kimiK3 = defineFamily({
  modelTypes: ['kimi_k3'],
  reads: ['hidden_act'],
  schema: KimiLinearConfig.extend({
    q_lora_rank: Size.nullish(),
    hidden_act: z.literal('situ').default('situ'),
    activation_situ_beta: Bound.nullish(),
    activation_situ_linear_beta: Bound.nullish(),
    attn_res_block_size: Size.nullish(),
    mla_use_nope: z.literal(true).default(true),
    mla_use_output_gate: z.boolean().default(false),
    num_experts: Size.nullish(),
    num_experts_per_token: Size.default(16),
    moe_intermediate_size: Size.nullish(),
    moe_router_activation_func: z.literal('sigmoid').default('sigmoid'),
    routed_expert_hidden_size: Size.nullish(),
    latent_moe_use_norm: z.boolean().default(false),
    linear_attn_config: KimiLinearConfig.shape.linear_attn_config.extend({
      gate_lower_bound: z.number().lt(0).nullish(),
      use_full_rank_gate: z.boolean().default(false),
    }),
  }).check((context) => {
    const { num_experts: experts, moe_intermediate_size: width } = context.value
    const message =
      experts == null
        ? null
        : width == null
          ? 'moe_intermediate_size is missing'
          : kimiContradiction({ ...context.value, num_experts: experts })
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const { kda_layers: deltaNets, num_heads: heads, head_dim: headDim, ...linear } = config.linear_attn_config
    const { latent, ...dense } = describeLatent({ ...config, q_lora_rank: config.q_lora_rank ?? null }, NARROW_NORM_EPSILON)
    const deltaNet = {
      kind: 'key-delta-net',
      heads,
      headDim,
      kernel: linear.short_conv_kernel_size,
      normEpsilon: config.rms_norm_eps,
      decayBound: linear.gate_lower_bound ?? 0,
      hasWideGate: linear.use_full_rank_gate,
      module: 'self_attn',
    } as const
    const isSparse = (layer: number) =>
      config.num_experts != null && layer >= config.first_k_dense_replace && layer % config.moe_layer_freq === 0
    return {
      ...dense,
      latent: latent && { ...latent, ...(config.mla_use_output_gate && { gate: 'g_proj' }) },
      rope: NO_ROPE,
      // Layers are counted from 1.
      states: Array.from({ length: config.num_hidden_layers }, (_, layer) => (deltaNets.includes(layer + 1) ? deltaNet : null)),
      residualMixes:
        config.attn_res_block_size == null
          ? null
          : {
              blockLayers: config.attn_res_block_size,
              attention: { norm: 'self_attention_res_norm', projection: 'self_attention_res_proj' },
              feedForward: { norm: 'mlp_res_norm', projection: 'mlp_res_proj' },
              output: { norm: 'output_attn_res_norm', projection: 'output_attn_res_proj' },
            },
      feedForward: Array.from({ length: config.num_hidden_layers }, (_, layer) => feedForwardOf(config, isSparse(layer))),
      isHeadTied: config.tie_word_embeddings ?? null,
    }
  },
})

type FeedForwardConfig = Parameters<typeof kimiRouter>[0] & {
  readonly intermediate_size: number
  readonly activation_situ_beta?: number | null | undefined
  readonly activation_situ_linear_beta?: number | null | undefined
  readonly num_experts?: number | null | undefined
  readonly moe_intermediate_size?: number | null | undefined
  readonly num_shared_experts: number
  readonly routed_expert_hidden_size?: number | null | undefined
  readonly latent_moe_use_norm: boolean
}

function feedForwardOf(config: FeedForwardConfig, isSparse: boolean): FeedForwardDescription {
  const { routed_expert_hidden_size: narrow, num_shared_experts: shared, latent_moe_use_norm: isNormed } = config
  const width = config.moe_intermediate_size ?? 0
  const bounds = [config.activation_situ_beta ?? 1, config.activation_situ_linear_beta ?? 0] as const
  if (!isSparse) return { activation: 'situ', bounds, always: gated('mlp', config.intermediate_size), experts: null }
  return {
    activation: 'situ',
    bounds,
    always: shared > 0 ? gated('mlp.shared_experts', width * shared) : null,
    experts: {
      count: config.num_experts ?? 0,
      width,
      hasBias: false,
      router: { ...kimiRouter(config), precision: 'scores', areWeightsRounded: true },
      stack: 'mlp.switch_mlp',
      single: null,
      ...(narrow != null && {
        latent: {
          width: narrow,
          to: 'mlp.routed_expert_down_proj',
          from: 'mlp.routed_expert_up_proj',
          ...(isNormed && { norm: 'mlp.routed_expert_norm' }),
        },
      }),
    },
  }
}
