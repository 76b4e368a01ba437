import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily, type DecoderDescription } from '../family.ts'
import { gated, type FeedForwardDescription, type GatedDescription } from '../parts/feed-forward.ts'
import { plainRouter } from '../parts/router.ts'
import type { ShortConvolutionDescription } from '../parts/state-layers.ts'

const Size = z.int().min(1)

const SharedConfig = DenseConfig.extend({
  rms_norm_eps: z.number().nullish(),
  norm_eps: z.number().min(0),
  conv_bias: z.boolean(),
  conv_L_cache: z.int().min(2),
  full_attn_idxs: z.array(z.int().min(0)).nullish(),
  layer_types: z.array(z.string()).nullish(),
})
type SharedConfig = z.infer<typeof SharedConfig>

/** LFM 2: gated short convolutions, and attention in some layers. Tensor parallel: a sum over ranks after each half of a layer. */
export const lfm2 = defineFamily({
  modelTypes: ['lfm2'],
  schema: SharedConfig.extend({
    intermediate_size: Size.nullish(),
    block_ff_dim: Size.nullish(),
    block_multiple_of: Size,
    block_ffn_dim_multiplier: z.number().gt(0).nullish(),
    block_auto_adjust_ff_dim: z.boolean(),
  }).check((context) => {
    const { block_ff_dim: width, intermediate_size: other } = context.value
    const message =
      width == null && other == null ? 'block_ff_dim and intermediate_size are both missing' : layersContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const stated = (config.block_ff_dim ?? config.intermediate_size) as number
    const scaled = Math.trunc((config.block_ffn_dim_multiplier ?? 1) * Math.trunc((2 * stated) / 3))
    const multiple = config.block_multiple_of
    const width = config.block_auto_adjust_ff_dim ? multiple * Math.ceil(scaled / multiple) : stated
    const always: GatedDescription = { width, hasBias: false, gateUp: ['feed_forward.w1', 'feed_forward.w3'], down: 'feed_forward.w2' }
    return describeShared({ ...config, intermediate_size: width }, () => ({ activation: 'silu', always, experts: null }))
  },
})

/** LFM 2 with experts after some dense layers. */
export const lfm2Moe = defineFamily({
  modelTypes: ['lfm2_moe'],
  schema: SharedConfig.extend({
    moe_intermediate_size: Size,
    num_experts: Size,
    num_experts_per_tok: Size,
    num_dense_layers: z.int().min(0),
    norm_topk_prob: z.boolean(),
    use_expert_bias: z.boolean(),
    routed_scaling_factor: z.number().default(1),
  }).check((context) => {
    const message = layersContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: null,
      experts: {
        count: config.num_experts,
        width: config.moe_intermediate_size,
        hasBias: false,
        router: plainRouter('feed_forward.gate', config.num_experts_per_tok, {
          scoring: 'sigmoid',
          precision: 'choice',
          correction: config.use_expert_bias ? 'feed_forward.expert_bias' : null,
          isNormalized: config.norm_topk_prob,
          scale: config.routed_scaling_factor,
        }),
        stack: 'feed_forward.switch_mlp',
        single: { module: 'feed_forward.experts', gate: 'w1', up: 'w3', down: 'w2' },
      },
    }
    const dense: FeedForwardDescription = { activation: 'silu', always: gated('feed_forward', config.intermediate_size), experts: null }
    return describeShared(config, (layer) => (layer < config.num_dense_layers ? dense : sparse))
  },
})

function describeShared(config: SharedConfig, feedForward: (layer: number) => FeedForwardDescription): DecoderDescription {
  const dense = describeDense({ ...config, rms_norm_eps: config.norm_eps, head_dim: null })
  const convolution: ShortConvolutionDescription = {
    kind: 'short-convolution',
    kernel: config.conv_L_cache,
    hasBias: config.conv_bias,
    module: 'conv',
  }
  const attending = attendingLayers(config)
  return {
    ...dense,
    places: [{ prefix: 'model.', embedding: 'model.embed_tokens', head: 'lm_head', finalNorm: 'embedding_norm' }],
    norms: { input: 'operator_norm', attentionOutput: null, feedForward: 'ffn_norm', feedForwardOutput: null },
    attentionModules: {
      ...dense.attentionModules,
      output: 'self_attn.out_proj',
      queryNorm: 'self_attn.q_layernorm',
      keyNorm: 'self_attn.k_layernorm',
    },
    hasQueryKeyNorm: true,
    rope: planRope({
      theta: config.rope_parameters?.rope_theta ?? config.rope_theta ?? 1_000_000,
      scaling: null,
      dims: dense.headDim,
      isInterleaved: false,
    }),
    states: dense.windowTokens.map((_, layer) => (attending.has(layer) ? null : convolution)),
    feedForward: dense.windowTokens.map((_, layer) => feedForward(layer)),
    isHeadTied: true,
  }
}

function attendingLayers({ full_attn_idxs: listed, layer_types: types }: SharedConfig): ReadonlySet<number> {
  return new Set(listed ?? types?.flatMap((type, layer) => (type === 'full_attention' ? [layer] : [])))
}

function layersContradiction(config: Pick<SharedConfig, 'full_attn_idxs' | 'layer_types'>): string | null {
  if (config.full_attn_idxs != null) return null
  if (config.layer_types == null) return 'full_attn_idxs and layer_types are both missing'
  const unknown = config.layer_types.find((type) => type !== 'full_attention' && type !== 'conv')
  return unknown === undefined ? null : `layers of the type ${unknown} (layer_types) are not supported; supported: full_attention, conv`
}
