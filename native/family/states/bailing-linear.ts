import { z } from 'zod'
import type { RopePlan } from '../../plan/decoder-plan.ts'
import { planRope } from '../../plan/rope-plan.ts'
import { describeLatent, LatentConfig } from '../deepseek-v3.ts'
import type { FeedForwardDescription } from '../parts/feed-forward.ts'
import { bailingMoe, BailingConfig } from '../experts/bailing-moe.ts'
import { defineFamily } from '../family.ts'
import { PLAIN_PLACE } from '../parts/module-names.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import type { LightningDescription } from '../parts/state-layers.ts'

const Size = z.int().min(1)
const LinearConfig = BailingConfig.extend({
  layer_group_size: Size,
  group_norm_size: Size.default(1),
  norm_head: z.boolean().default(false),
})
type LinearConfig = z.infer<typeof LinearConfig>

/** Ling Linear: layers with lightning attention, then one of each group with attention; Ling's experts. */
export const bailingMoeLinear = defineFamily({
  modelTypes: ['bailing_moe_linear'],
  reads: bailingMoe.reads ?? [],
  schema: LinearConfig,
  describe(config) {
    const whole = bailingMoe.describe({ ...config, norm_head: false, rotary_dim: null })
    const headDim = config.head_dim ?? whole.headDim
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    const turned = (dim: number): RopePlan =>
      planRope({ theta, scaling, dims: Math.floor(dim * (turnedPart ?? 1)), isInterleaved: config.rope_traditional ?? false })
    return {
      ...whole,
      headDim,
      attentionScale: headDim ** -0.5,
      rope: turned(headDim),
      feedForward: withRoundedWeights(whole.feedForward),
      states: describeLightning(config, {
        headDim: whole.headDim,
        rope: turned(whole.headDim),
        hasOutputBias: config.use_bias,
        positionOf: (layer) => Math.max(0, layer - 1),
      }),
    }
  },
})

/** Ling 2.5: the same with latent attention in place of the grouped one. */
export const bailingHybrid = defineFamily({
  modelTypes: ['bailing_hybrid'],
  reads: bailingMoe.reads ?? [],
  schema: LatentConfig.extend(LinearConfig.shape).extend({
    q_lora_rank: Size.nullable().default(null),
    partial_rotary_factor: z.number().gt(0).max(1).default(0.5),
    score_function: z.string().default('sigmoid'),
    moe_router_enable_expert_bias: z.boolean().default(true),
    use_qk_norm: z.boolean().default(true),
  }),
  describe(config) {
    const { moe_shared_expert_intermediate_size: shared, num_shared_experts: count, ...ling } = config
    // The width is that of all shared experts together.
    const ofShared = shared == null ? {} : { moe_shared_expert_intermediate_size: shared, num_shared_experts: count ? 1 : 0 }
    const whole = bailingMoe.describe({ ...ling, num_shared_experts: count, ...ofShared, norm_head: false, rotary_dim: null })
    const latent = describeLatent({ ...config, attention_bias: config.use_qkv_bias }, config.rms_norm_eps)
    const headDim = config.head_dim ?? whole.headDim
    const { theta, scaling } = ropeOf(config, 10_000)
    const rope = planRope({ theta, scaling, dims: Math.floor(headDim * config.partial_rotary_factor), isInterleaved: false })
    return {
      ...latent,
      latent: latent.latent && { ...latent.latent, module: 'attention', output: 'dense' },
      places: [{ ...PLAIN_PLACE, embedding: 'model.word_embeddings' }],
      states: describeLightning(config, { headDim, rope, hasOutputBias: config.use_bias, positionOf: (layer) => layer }),
      feedForward: withRoundedWeights(whole.feedForward),
    }
  },
})

interface Differences extends Pick<LightningDescription, 'headDim' | 'rope' | 'hasOutputBias'> {
  /** The place of a layer, on which its fading depends. */
  positionOf(layer: number): number
}

/** Shape [layers]; null: a layer with attention, the last one of each group, and those after the last whole group. */
/** Unlike Ling 2, these models round the weights of experts. */
function withRoundedWeights(layers: readonly FeedForwardDescription[]): FeedForwardDescription[] {
  return layers.map(({ experts, ...layer }) => ({
    ...layer,
    experts: experts && { ...experts, router: { ...experts.router, areWeightsRounded: true } },
  }))
}

function describeLightning(config: LinearConfig, { positionOf, ...own }: Differences): (LightningDescription | null)[] {
  const { num_hidden_layers: layers, layer_group_size: group } = config
  const isWhole = (layer: number) => (layer + 1) % group === 0 || layer >= Math.floor(layers / group) * group
  const rates = slopes(config.num_attention_heads)
  return Array.from({ length: layers }, (_, layer) => {
    if (isWhole(layer)) return null
    const factor = 1 - positionOf(layer) / Math.max(1, layers - 1) + 1e-5
    return {
      kind: 'lightning',
      heads: config.num_attention_heads,
      ...own,
      fading: rates.map((rate) => -rate * factor),
      hasHeadNorms: config.use_qk_norm,
      hasInputBias: config.use_qkv_bias,
      normGroups: config.group_norm_size,
      normEpsilon: config.rms_norm_eps,
      module: 'attention',
    }
  })
}

/** The slopes of ALiBi: a geometric series for a power of two; otherwise every second one of the next series follows. */
function slopes(heads: number): number[] {
  const series = (count: number) => Array.from({ length: count }, (_, head) => 2 ** (-(2 ** -(Math.log2(count) - 3)) * (head + 1)))
  const power = 2 ** Math.floor(Math.log2(heads))
  const others = series(2 * power).filter((_, index) => index % 2 === 0)
  return [...series(power), ...others.slice(0, heads - power)]
}
