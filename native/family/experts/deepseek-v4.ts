import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { deepseekGroups } from '../parts/deepseek-groups.ts'
import { gated } from '../parts/feed-forward.ts'
import { PLAIN_NORMS } from '../parts/module-names.ts'
import { plainRouter } from '../parts/router.ts'
import type { GroupModules, TokenGroupsDescription } from '../parts/token-groups.ts'

const Size = z.int().min(1)

/** The number of tokens in a group: overlapping groups with an index, and large ones without. */
const INDEXED = 4
const LARGE = 128

const Config = DenseConfig.extend({
  intermediate_size: Size.nullish(),
  rms_norm_eps: z.number().min(0).default(1e-6),
  attention_bias: z.literal(false).default(false),
  head_dim: Size.default(512),
  q_lora_rank: Size.default(1024),
  qk_rope_head_dim: z.int().min(0).multipleOf(2).default(64),
  o_groups: Size.default(8),
  o_lora_rank: Size.default(1024),
  moe_intermediate_size: Size.default(2048),
  n_routed_experts: Size.default(256),
  n_shared_experts: z.int().min(1).default(1),
  num_experts_per_tok: Size.default(6),
  num_hash_layers: z.int().min(0).default(3),
  scoring_func: z.enum(['sqrtsoftplus', 'sigmoid', 'softmax']).default('sqrtsoftplus'),
  topk_method: z.literal('noaux_tc').default('noaux_tc'),
  norm_topk_prob: z.boolean().default(true),
  routed_scaling_factor: z.number().default(1.5),
  swiglu_limit: z.number().min(0).default(10),
  sliding_window: Size.default(128),
  compress_ratios: z.array(z.literal([0, INDEXED, LARGE])),
  compress_rope_theta: z.number().gt(0).default(160_000),
  index_n_heads: Size.default(64),
  index_head_dim: Size.default(128),
  index_topk: Size.default(512),
  hc_mult: Size.default(4),
  hc_sinkhorn_iters: Size.default(20),
  hc_eps: z.number().min(0).default(1e-6),
}).check(({ value, issues }) => {
  const refuse = (message: string) => issues.push({ code: 'custom', message, input: value })
  const { compress_ratios: ratios, num_hidden_layers: layers, o_groups: groups, num_attention_heads: heads } = value
  if (ratios.length < layers) refuse(`compress_ratios has ${ratios.length} numbers for ${layers} layers`)
  if (heads % groups !== 0) refuse(`o_groups (${groups}) does not divide num_attention_heads (${heads})`)
  if (value.qk_rope_head_dim > value.head_dim) refuse(`qk_rope_head_dim (${value.qk_rope_head_dim}) exceeds head_dim (${value.head_dim})`)
})
type Config = z.infer<typeof Config>

/**
 * DeepSeek V4: several residual streams, and attention to a window and to pooled groups of earlier tokens: of 4, which an index
 * chooses, or of 128. The first layers choose experts by the token's id.
 * Tensor parallel: sums over ranks after each half of a layer; streams, keys and indexes are the same on every rank.
 */
export const deepseekV4 = defineFamily({
  modelTypes: ['deepseek_v4'],
  schema: Config,
  describe(config) {
    const { num_hidden_layers: layers, moe_intermediate_size: width } = config
    return {
      ...describeDense({ ...config, intermediate_size: width }),
      norms: { ...PLAIN_NORMS, input: 'attn_norm', feedForward: 'ffn_norm' },
      kvHeads: 1,
      rope: planRope({ theta: config.rope_theta ?? 10_000, scaling: null, dims: config.qk_rope_head_dim, isInterleaved: true }),
      windowTokens: new Array<number>(layers).fill(config.sliding_window),
      hasAttentionSinks: true,
      streams: {
        count: config.hc_mult,
        rounds: config.hc_sinkhorn_iters,
        epsilon: config.hc_eps,
        attention: ['attn_hc', 'hc_attn'],
        feedForward: ['ffn_hc', 'hc_ffn'],
        output: 'hc_head',
      },
      tokenGroups: groupsOf(config),
      feedForward: Array.from({ length: layers }, (_, layer) => feedForwardOf(config, layer)),
    }
  },
})

function feedForwardOf(config: Config, layer: number) {
  const { moe_intermediate_size: width, scoring_func: scoring, swiglu_limit: limit } = config
  const isHashed = layer < config.num_hash_layers
  return {
    activation: 'silu-of-limited' as const,
    alwaysLimit: limit,
    always: gated('ffn.shared_experts', width * config.n_shared_experts),
    experts: {
      count: config.n_routed_experts,
      width,
      hasBias: false,
      limit,
      stack: 'ffn.switch_mlp',
      single: null,
      router: plainRouter('ffn.gate', config.num_experts_per_tok, {
        scoring: scoring === 'sqrtsoftplus' ? 'sqrt-softplus' : scoring,
        precision: 'scores',
        correction: isHashed ? null : 'ffn.gate.e_score_correction_bias',
        ...(isHashed ? { byToken: { name: 'ffn.gate.tid2eid', vocabulary: config.vocab_size } } : {}),
        isNormalized: config.norm_topk_prob && scoring !== 'softmax',
        scale: config.routed_scaling_factor,
      }),
    },
  }
}

function groupsOf(config: Config): TokenGroupsDescription {
  return {
    modules: MODULES,
    areQueriesNormed: true,
    areKeysRounded: false,
    tokens: INDEXED,
    ...deepseekGroups(config),
    candidates: null,
    layers: config.compress_ratios.slice(0, config.num_hidden_layers).map((tokens) => ({
      seesGroups: tokens > 0,
      pools: tokens > 0,
      hasIndex: tokens === INDEXED,
      tokens,
      areOverlapping: tokens === INDEXED,
    })),
  }
}

const poolOf = (module: string) => ({
  keyValue: `${module}.wkv`,
  gate: `${module}.wgate`,
  both: `${module}.wkv_gate`,
  norm: `${module}.norm`,
  gateBias: `${module}.ape`,
})
const MODULES: GroupModules = {
  queryDown: 'attn.wq_a',
  queryNorm: 'attn.q_norm',
  queryUp: 'attn.wq_b',
  queryKey: 'attn.wqkv_a',
  key: 'attn.wkv',
  keyNorm: 'attn.kv_norm',
  sinks: 'attn.attn_sink',
  pool: poolOf('attn.compressor'),
  index: { queryUp: 'attn.indexer.wq_b', weights: 'attn.indexer.weights_proj', keyDown: '', keyNorm: '' },
  indexPool: poolOf('attn.indexer.compressor'),
  outputDown: 'attn.wo_a',
  outputUp: 'attn.wo_b',
}
