import { z } from 'zod'
import { planRope, yarnMagnitude } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense } from './dense-config.ts'
import { defineFamily, type DecoderDescription } from './family.ts'
import { describeGroupedExperts, GroupedExpertsConfig, groupedExpertsContradiction } from './parts/grouped-experts.ts'
import { ropeOf } from './parts/rope-settings.ts'

const Size = z.int().min(1)

/** Epsilon of the norms of the narrow layers, regardless of the config's epsilon for the others. */
const NARROW_NORM_EPSILON = 1e-6

/** The keys of config.json for a decoder with latent attention. */
export const LatentConfig = DenseConfig.extend({
  kv_lora_rank: Size,
  /** null: queries are computed directly from the hidden state. */
  q_lora_rank: Size.nullable().default(1536),
  qk_rope_head_dim: Size,
  qk_nope_head_dim: Size,
  v_head_dim: Size,
  attention_bias: z.boolean().default(false),
  rope_interleave: z.boolean().nullish(),
})

const Config = LatentConfig.extend(GroupedExpertsConfig.shape).check((context) => {
  const message = groupedExpertsContradiction(context.value)
  if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
})
type Config = z.infer<typeof Config>
const SparseConfig = Config.safeExtend({
  q_lora_rank: Size.default(1536),
  index_n_heads: Size,
  index_head_dim: Size,
  index_topk: Size,
  indexer_rope_interleave: z.boolean().nullish(),
})

/**
 * DeepSeek V3, R1 and V3.1, Kimi K2, and JoyAI: latent attention, and experts after some dense layers. Tensor parallel: sums
 * over ranks after the attention's output and after the feed-forward (routed and shared experts together). Every rank stores the
 * complete latents.
 */
export const deepseekV3 = defineFamily({
  modelTypes: ['deepseek_v3', 'joyai_llm_flash', 'kimi_k2'],
  schema: Config,
  describe: (config) => describe(config, NARROW_NORM_EPSILON),
})

/** GLM 4.7 Flash: like DeepSeek V3, with one epsilon for all norms. */
export const glm4MoeLite = defineFamily({
  modelTypes: ['glm4_moe_lite'],
  schema: Config,
  describe: (config) => describe(config, config.rms_norm_eps),
})

/** DeepSeek V3.2: like V3, with an index that chooses the tokens which attention sees. Every rank has the whole index. */
export const deepseekV32 = defineFamily({
  modelTypes: ['deepseek_v32'],
  schema: SparseConfig,
  describe: (config) => describeSparse(config, config.indexer_rope_interleave ?? false),
})

/** GLM 5: the same, with theta and scaling in `rope_parameters`. */
export const glmMoeDsa = defineFamily({
  modelTypes: ['glm_moe_dsa'],
  schema: SparseConfig,
  describe: (config) =>
    describeSparse(
      { ...config, rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta },
      config.indexer_rope_interleave ?? true,
    ),
})

function describeSparse(config: z.infer<typeof SparseConfig>, isInterleaved: boolean): DecoderDescription {
  const { latent, ...whole } = describe(config, NARROW_NORM_EPSILON)
  const { theta, scaling } = ropeOf(config, 10_000)
  const index = {
    heads: config.index_n_heads,
    dim: config.index_head_dim,
    chosen: config.index_topk,
    rope: planRope({ theta, scaling, dims: config.qk_rope_head_dim, isInterleaved }),
    module: 'indexer',
  }
  return { ...whole, latent: latent && { ...latent, index } }
}

function describe(config: Config, normEpsilon: number): DecoderDescription {
  return { ...describeLatent(config, normEpsilon), feedForward: describeGroupedExperts(config), isHeadTied: null }
}

/** A decoder with latent attention and dense feed-forwards. */
export function describeLatent(config: z.infer<typeof LatentConfig>, normEpsilon: number): DecoderDescription {
  const headDim = config.qk_nope_head_dim + config.qk_rope_head_dim
  const { theta, scaling } = ropeOf(config, 10_000)
  // The factor by which yarn enlarges queries and keys. The rotation contains the rest, the ratio to `mscale`.
  const magnitude = scaling?.mscale_all_dim ? yarnMagnitude(scaling, scaling.mscale_all_dim) : 1
  return {
    ...describeDense({ ...config, head_dim: headDim }),
    rope: planRope({
      theta,
      scaling,
      dims: config.qk_rope_head_dim,
      isInterleaved: config.rope_interleave ?? config.rope_traditional ?? true,
    }),
    attentionScale: headDim ** -0.5 * magnitude ** 2,
    latent: {
      latentDim: config.kv_lora_rank,
      rotatedDim: config.qk_rope_head_dim,
      plainDim: config.qk_nope_head_dim,
      valueDim: config.v_head_dim,
      queryDim: config.q_lora_rank,
      hasNarrowBias: config.attention_bias,
      normEpsilon,
    },
    hasAttentionOutputBias: config.attention_bias,
  }
}
