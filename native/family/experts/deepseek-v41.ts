import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { deepseekGroups, type DeepseekGroupsConfig } from '../parts/deepseek-groups.ts'
import { gated } from '../parts/feed-forward.ts'
import { plainRouter } from '../parts/router.ts'
import type { GroupModules, TokenGroupsDescription } from '../parts/token-groups.ts'

const Size = z.int().min(1)
const Layers = z.array(z.int()).default([])

/** The tokens that a windowed layer's cache holds beyond its window, of which a group may be pooled. */
const LARGEST_GROUP = 64

const Config = DenseConfig.extend({
  intermediate_size: Size.nullish(),
  rms_norm_eps: z.number().min(0).default(1e-20),
  head_dim: Size.default(512),
  q_lora_rank: Size.default(1280),
  qk_rope_head_dim: z.int().min(0).default(64),
  o_groups: Size.default(8),
  o_lora_rank: Size.default(1024),
  moe_intermediate_size: Size.default(2304),
  n_routed_experts: Size.default(384),
  n_shared_experts: z.literal(1).default(1),
  num_experts_per_tok: Size.default(6),
  scoring_func: z.enum(['sqrtsoftplus', 'sigmoid', 'softmax']).default('sqrtsoftplus'),
  gate_temp: z.literal(1).default(1),
  norm_topk_prob: z.boolean().default(true),
  routed_scaling_factor: z.number().default(1.5),
  swiglu_limit: z.number().min(0).default(10),
  sliding_window: Size.default(128),
  compress_ratios: z.array(z.int().min(0).max(LARGEST_GROUP)).default([]),
  compress_rope_theta: z.number().gt(0).default(160_000),
  kv_source_layer_ids: Layers,
  index_source_layer_ids: Layers,
  candidate_source_layer_id: z.int().default(-1),
  candidate_topk_blocks: z.int().min(0).default(2048),
  candidate_block_size: Size.default(8),
  index_n_heads: Size.default(32),
  index_head_dim: Size.default(128),
  index_topk: Size.default(512),
  hc_mult: Size.default(4),
  hc_sinkhorn_iters: Size.default(20),
  hc_eps: z.number().min(0).default(1e-6),
  /** Hashed memories of earlier tokens. */
  engram_layer_ids: z.array(z.int()).max(0).default([]),
}).check((context) => {
  const message = contradiction(context.value)
  if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
})
type Config = Omit<z.infer<typeof DenseConfig>, 'intermediate_size'> &
  DeepseekGroupsConfig & {
    readonly head_dim: number
    readonly compress_ratios: readonly number[]
    readonly kv_source_layer_ids: readonly number[]
    readonly index_source_layer_ids: readonly number[]
    readonly candidate_source_layer_id: number
    readonly candidate_topk_blocks: number
    readonly candidate_block_size: number
  }

/**
 * DeepSeek V4.1: several residual streams, and attention to a window and to pooled groups of earlier tokens, which an index chooses.
 * Tensor parallel: sums over ranks after each half of a layer; streams, keys and indexes are the same on every rank.
 */
export const deepseekV41 = defineFamily({
  modelTypes: ['deepseek_v41'],
  schema: Config,
  describe(config) {
    const { num_hidden_layers: layers, moe_intermediate_size: width } = config
    const rope = (theta: number) => planRope({ theta, scaling: null, dims: config.qk_rope_head_dim, isInterleaved: true })
    return {
      ...describeDense({ ...config, intermediate_size: width }),
      kvHeads: 1,
      rope: rope(config.rope_theta ?? 10_000),
      windowTokens: new Array<number>(layers).fill(config.sliding_window),
      hasAttentionSinks: true,
      streams: {
        count: config.hc_mult,
        rounds: config.hc_sinkhorn_iters,
        epsilon: config.hc_eps,
        attention: 'attn_hc',
        feedForward: 'ffn_hc',
        output: null,
      },
      tokenGroups: groupsOf(config),
      feedForward: new Array<number>(layers).fill(0).map(() => ({
        activation: 'silu-of-limited' as const,
        alwaysLimit: config.swiglu_limit,
        always: gated('mlp.shared_experts', width),
        experts: {
          count: config.n_routed_experts,
          width,
          hasBias: false,
          limit: config.swiglu_limit,
          stack: 'mlp.experts.switch_mlp',
          single: null,
          router: plainRouter('mlp.gate', config.num_experts_per_tok, {
            scoring: config.scoring_func === 'sqrtsoftplus' ? 'sqrt-softplus' : config.scoring_func,
            precision: 'logits',
            correction: 'mlp.gate.e_score_correction_bias',
            isNormalized: config.norm_topk_prob && config.num_experts_per_tok > 1,
            scale: config.routed_scaling_factor,
          }),
        },
      })),
    }
  },
})

const MODULES: GroupModules = {
  queryDown: 'self_attn.q_a_proj',
  queryNorm: 'self_attn.q_a_norm',
  queryUp: 'self_attn.q_b_proj',
  key: 'self_attn.kv_proj',
  keyNorm: 'self_attn.kv_norm',
  sinks: 'self_attn.sinks',
  pool: {
    keyValue: 'self_attn.compressor.kv_proj',
    gate: 'self_attn.compressor.gate_proj',
    norm: 'self_attn.compressor.kv_norm',
    gateBias: null,
  },
  index: {
    queryUp: 'self_attn.indexer.q_b_proj',
    weights: 'self_attn.indexer.weights_proj',
    keyDown: 'self_attn.indexer.k_proj',
    keyNorm: 'self_attn.indexer.k_norm',
  },
  indexPool: null,
  outputDown: 'self_attn.o_a_proj',
  outputUp: 'self_attn.o_b_proj',
}

function groupsOf(config: Config): TokenGroupsDescription {
  const { compress_ratios: ratios, candidate_source_layer_id: source, candidate_topk_blocks: blocks } = config
  const seesGroups = (layer: number) => (ratios[layer] ?? 0) > 0
  return {
    modules: MODULES,
    areQueriesNormed: false,
    areKeysRounded: true,
    tokens: Math.max(1, ...ratios),
    ...deepseekGroups(config),
    candidates: blocks > 0 && seesGroups(source) ? { source, blocks, blockGroups: config.candidate_block_size } : null,
    layers: Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
      seesGroups: seesGroups(layer),
      pools: seesGroups(layer) && config.kv_source_layer_ids.includes(layer),
      hasIndex: seesGroups(layer) && config.index_source_layer_ids.includes(layer),
    })),
  }
}

function contradiction(config: Config): string | null {
  const { compress_ratios: ratios, kv_source_layer_ids: pools, index_source_layer_ids: indexes, o_groups: groups } = config
  const sizes = new Set(ratios.filter((ratio) => ratio > 0))
  if (sizes.size > 1) return `compress_ratios of several sizes (${[...sizes].join(', ')}) are not supported`
  const withoutIndex = pools.find((layer) => (ratios[layer] ?? 0) > 0 && !indexes.includes(layer))
  if (withoutIndex !== undefined) return `layer ${withoutIndex} of kv_source_layer_ids without an index is not supported`
  if (config.num_attention_heads % groups !== 0)
    return `o_groups (${groups}) does not divide num_attention_heads (${config.num_attention_heads})`
  if (config.qk_rope_head_dim % 2 !== 0 || config.qk_rope_head_dim > config.head_dim)
    return `qk_rope_head_dim (${config.qk_rope_head_dim}) is odd or exceeds head_dim (${config.head_dim})`
  return null
}
