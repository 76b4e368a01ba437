import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import type { RouterDescription } from '../parts/feed-forward.ts'
import { groupedExpertsContradiction, groupedRouter, layersOfExperts } from '../parts/grouped-experts.ts'
import { PLAIN_ATTENTION, PLAIN_PLACE } from '../parts/module-names.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { ropeOf } from '../parts/rope-settings.ts'

/** The keys of config.json that all Ling models share. */
export const BailingConfig = DenseConfig.extend({
  moe_intermediate_size: z.int().min(1),
  num_experts: z.int().min(1).nullish(),
  num_shared_experts: z.int().min(0).nullish(),
  num_experts_per_tok: z.int().min(1),
  moe_shared_expert_intermediate_size: z.int().min(1).nullish(),
  moe_router_enable_expert_bias: z.boolean().default(false),
  moe_router_enable_shared_expert: z.boolean().default(true),
  first_k_dense_replace: z.int().min(0).default(0),
  norm_topk_prob: z.boolean().default(true),
  routed_scaling_factor: z.number().default(1),
  score_function: z.string().default('softmax'),
  n_group: z.int().min(1).default(1),
  topk_group: z.int().min(1).nullish(),
  use_bias: z.boolean().default(false),
  use_qkv_bias: z.boolean().default(false),
  use_qk_norm: z.boolean().default(false),
  /** true would normalize the columns of the head on load. */
  norm_head: z.literal(false).default(false),
  rotary_dim: z.int().min(2).nullish(),
})

type Config = z.infer<typeof BailingConfig>

/** DeepSeek's names for Ling's keys. */
const keysOfExperts = (config: Config) => ({
  ...config,
  n_routed_experts: config.num_experts,
  n_shared_experts: config.moe_router_enable_shared_expert ? config.num_shared_experts : 0,
  topk_group: config.n_group === 1 ? 1 : (config.topk_group ?? config.n_group),
  moe_layer_freq: 1,
})

const routerOf = (config: Config): RouterDescription => ({
  ...groupedRouter(keysOfExperts(config)),
  module: ['mlp.gate.gate_proj', 'mlp.gate'],
  scoring: config.score_function === 'sigmoid' ? 'sigmoid' : 'softmax',
  correction: config.moe_router_enable_expert_bias ? 'mlp.gate.expert_bias' : null,
  precision: 'scores',
})

/**
 * Ling 1 and 2: query, key and value in one module, and DeepSeek's experts under other names. Tensor parallel: sums over ranks
 * after the attention's output and after the feed-forward, routed and shared experts together.
 */
export const bailingMoe = defineFamily({
  modelTypes: ['bailing_moe'],
  reads: ['use_qk_norm'],
  schema: BailingConfig.check((context) => {
    const message = groupedExpertsContradiction(keysOfExperts(context.value), 'num_experts')
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    requireSupported(config.model_type, 'score_function', config.score_function, ['sigmoid', 'softmax'])
    const dense = describeDense({ ...config, head_dim: null })
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    const hasBias = config.use_bias
    return {
      ...dense,
      places: [{ ...PLAIN_PLACE, embedding: 'model.word_embeddings' }],
      attentionModules: {
        ...PLAIN_ATTENTION,
        queryKeyValue: ['attention.query_key_value'],
        output: 'attention.dense',
        queryNorm: 'attention.query_layernorm',
        keyNorm: 'attention.key_layernorm',
      },
      rope: planRope({ theta, scaling, dims: config.rotary_dim ?? Math.floor(dense.headDim * (turnedPart ?? 1)), isInterleaved: false }),
      hasQueryKeyValueBias: config.use_qkv_bias,
      hasAttentionOutputBias: hasBias,
      hasQueryKeyNorm: config.use_qk_norm,
      feedForward: layersOfExperts(keysOfExperts(config), routerOf(config), {
        hasBias,
        hasExpertBias: hasBias,
        sharedWidth: config.moe_shared_expert_intermediate_size,
      }),
    }
  },
})
