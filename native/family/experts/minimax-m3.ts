import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { blockSparseExperts } from '../parts/block-sparse-experts.ts'
import { gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { ropeOf } from '../parts/rope-settings.ts'

const Size = z.int().min(1)
const ByLayer = z.array(z.union([z.int(), z.boolean()]))

/** The keys of the index, together or beside the others. */
const IndexConfig = z.object({
  sparse_num_index_heads: Size.optional(),
  sparse_index_dim: Size.optional(),
  sparse_block_size: Size.optional(),
  sparse_topk_blocks: Size.optional(),
  sparse_local_block: z.int().min(0).optional(),
  sparse_attention_freq: ByLayer.optional(),
})

/**
 * MiniMax M3: attention sees the blocks of tokens that an index chooses for each group of heads. Tensor parallel: sums over ranks after
 * each half of a layer; the keys of the index are whole on every rank.
 */
export const minimaxM3 = defineFamily({
  modelTypes: ['minimax_m3'],
  reads: ['use_qk_norm', 'hidden_act'],
  schema: DenseConfig.extend({
    rms_norm_eps: z.number().min(0).default(1e-6),
    head_dim: Size.default(128),
    dense_intermediate_size: Size,
    shared_intermediate_size: Size,
    num_local_experts: Size,
    num_experts_per_tok: Size,
    routed_scaling_factor: z.number().default(2),
    rotary_dim: z.int().min(2).nullish(),
    use_qk_norm: z.boolean().default(true),
    use_gemma_norm: z.boolean().default(true),
    swiglu_alpha: z.literal(1.702).default(1.702),
    swiglu_limit: z.number().gt(0).default(7),
    /** Newer configs name the kinds of layers. */
    mlp_layer_types: z.array(z.string()).nullish(),
    moe_layer_freq: ByLayer.nullish(),
    layer_types: z.array(z.string()).nullish(),
    sparse_attention_config: IndexConfig.nullish(),
    sparse_attention_freq: ByLayer.nullish(),
    index_n_heads: Size.nullish(),
    index_head_dim: Size.nullish(),
    index_block_size: Size.nullish(),
    index_topk_blocks: Size.nullish(),
    index_local_blocks: z.int().min(0).default(1),
  }).check((context) => {
    const { heads, dim, chosen, blockTokens } = indexOf(context.value)
    const { num_attention_heads: all, head_dim: headDim } = context.value
    const message =
      blockTokens === null
        ? null
        : heads === null || dim === null || chosen === null
          ? 'the index of blocks lacks its numbers'
          : all % heads !== 0
            ? `num_attention_heads (${all}) is not a multiple of the heads of the index (${heads})`
            : dim > headDim
              ? `the keys of the index (${dim}) are wider than those of the heads (${headDim})`
              : null
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const dense = describeDense(config)
    const { theta, scaling, turnedPart } = ropeOf({ ...config, ...(config.rope_parameters?.rope_theta && { rope_theta: null }) }, 5_000_000)
    const dims = config.rotary_dim ?? Math.floor(dense.headDim * (turnedPart ?? 0.5))
    const ropeWith = (turned: number) => planRope({ theta, scaling, dims: turned, isInterleaved: false })
    const index = indexOf(config)
    const isIndexed = (layer: number) =>
      index.blockTokens !== null &&
      (config.layer_types ? config.layer_types[layer] !== 'full_attention' : Boolean(index.layers?.[layer] ?? true))
    const isSparse = (layer: number) =>
      config.mlp_layer_types ? config.mlp_layer_types[layer] === 'sparse' : Boolean(config.moe_layer_freq?.[layer] ?? true)
    const blockIndex = {
      heads: index.heads ?? 0,
      dim: index.dim ?? 0,
      blockTokens: index.blockTokens ?? 1,
      chosen: index.chosen ?? 0,
      localBlocks: index.localBlocks,
      rope: ropeWith(Math.min(dims, index.dim ?? dims)),
      query: 'self_attn.index_q_proj',
      key: 'self_attn.index_k_proj',
      queryNorm: 'self_attn.index_q_norm',
      keyNorm: 'self_attn.index_k_norm',
    }
    return {
      ...dense,
      normOffset: config.use_gemma_norm ? 1 : 0,
      rope: ropeWith(dims),
      hasQueryKeyNorm: config.use_qk_norm,
      layerAttention: Array.from({ length: config.num_hidden_layers }, (_, layer) => (isIndexed(layer) ? { blockIndex } : {})),
      feedForward: Array.from({ length: config.num_hidden_layers }, (_, layer) => feedForwardOf(config, isSparse(layer))),
    }
  },
})

interface Config {
  readonly dense_intermediate_size: number
  readonly intermediate_size: number
  readonly shared_intermediate_size: number
  readonly num_local_experts: number
  readonly num_experts_per_tok: number
  readonly routed_scaling_factor: number
  readonly swiglu_limit: number
}

function feedForwardOf(config: Config, isSparse: boolean): FeedForwardDescription {
  const common = { activation: 'clamped-swiglu', alwaysLimit: config.swiglu_limit } as const
  if (!isSparse) return { ...common, always: gated('mlp', config.dense_intermediate_size), experts: null }
  const { experts } = blockSparseExperts(config, {
    scoring: 'sigmoid',
    correction: 'block_sparse_moe.e_score_correction_bias',
    scale: config.routed_scaling_factor,
    areWeightsRounded: true,
  })
  return {
    ...common,
    always: gated('block_sparse_moe.shared_experts', config.shared_intermediate_size),
    experts: experts && { ...experts, limit: config.swiglu_limit },
  }
}

interface IndexKeys {
  readonly sparse_attention_config?: z.infer<typeof IndexConfig> | null | undefined
  readonly sparse_attention_freq?: z.infer<typeof ByLayer> | null | undefined
  readonly index_n_heads?: number | null | undefined
  readonly index_head_dim?: number | null | undefined
  readonly index_block_size?: number | null | undefined
  readonly index_topk_blocks?: number | null | undefined
  readonly index_local_blocks: number
}

function indexOf(config: IndexKeys) {
  const together = config.sparse_attention_config ?? {}
  return {
    heads: together.sparse_num_index_heads ?? config.index_n_heads ?? null,
    dim: together.sparse_index_dim ?? config.index_head_dim ?? null,
    blockTokens: together.sparse_block_size ?? config.index_block_size ?? null,
    chosen: together.sparse_topk_blocks ?? config.index_topk_blocks ?? null,
    localBlocks: together.sparse_local_block ?? config.index_local_blocks,
    layers: together.sparse_attention_freq ?? config.sparse_attention_freq ?? null,
  }
}
