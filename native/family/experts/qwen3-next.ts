import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { DeltaNetConfig, deltaNetContradiction, describeDeltaNets } from '../parts/delta-net-config.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { PLAIN_ATTENTION } from '../parts/module-names.ts'
import { ropeOf } from '../parts/rope-settings.ts'
import { describeSharedExpert } from '../parts/shared-expert.ts'

const Size = z.int().min(1)
const QwenExperts = z.object({
  num_experts: z.int().min(0).default(0),
  num_experts_per_tok: z.int().min(0).default(0),
  moe_intermediate_size: z.int().min(0).default(0),
  shared_expert_intermediate_size: z.int().min(0).default(0),
})

/** Qwen 3 Next: three layers with delta nets, then one with gated attention; routed experts and a shared one. */
export const qwen3Next = defineFamily({
  modelTypes: ['qwen3_next'],
  schema: DenseConfig.extend({
    ...DeltaNetConfig.shape,
    ...QwenExperts.shape,
    norm_topk_prob: z.boolean().default(false),
    decoder_sparse_step: Size.default(1),
    mlp_only_layers: z.array(z.int().min(0)).default([]),
    attention_bias: z.boolean().default(false),
  }).check((context) => {
    const message = deltaNetContradiction(context.value) ?? expertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const isSparse = (layer: number) =>
      config.num_experts > 0 && !config.mlp_only_layers.includes(layer) && (layer + 1) % config.decoder_sparse_step === 0
    return describeDeltaQwen(config, { defaultTheta: 10_000, defaultPart: 1, isByKeyHead: true, isSparse })
  },
})

/** Qwen 3.5 and later, dense or with experts: like Qwen 3 Next, with a separate projection for each kind of row. */
export const qwen35 = defineFamily({
  modelTypes: ['qwen3_5_text', 'qwen3_5_moe_text'],
  schema: DenseConfig.extend({
    ...DeltaNetConfig.shape,
    ...QwenExperts.shape,
    intermediate_size: Size.default(14_336),
    rms_norm_eps: z.number().min(0).default(1e-6),
    norm_topk_prob: z.boolean().default(true),
    attention_bias: z.boolean().default(false),
    attn_output_gate: z.literal(true).default(true),
  }).check((context) => {
    const message = deltaNetContradiction(context.value) ?? expertsContradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    // With rope_parameters, a separate theta is ignored.
    const own = config.rope_parameters == null ? config : { ...config, rope_theta: null, rope_scaling: null }
    return describeDeltaQwen(own, { defaultTheta: 100_000, defaultPart: 0.25, isByKeyHead: false, isSparse: () => config.num_experts > 0 })
  },
})

type Config = z.infer<typeof DenseConfig> &
  z.infer<typeof DeltaNetConfig> &
  z.infer<typeof QwenExperts> & { readonly norm_topk_prob: boolean; readonly attention_bias: boolean }

interface Differences {
  readonly defaultTheta: number
  /** The ratio of each head with rotary positions. */
  readonly defaultPart: number
  readonly isByKeyHead: boolean
  isSparse(layer: number): boolean
}

function describeDeltaQwen(config: Config, { defaultTheta, defaultPart, isByKeyHead, isSparse }: Differences) {
  const dense = describeDense(config)
  const { theta, scaling, turnedPart } = ropeOf(config, defaultTheta)
  const sparse = describeSharedExpert(config)
  return {
    ...dense,
    rope: planRope({ theta, scaling, dims: Math.floor(dense.headDim * (turnedPart ?? defaultPart)), isInterleaved: false }),
    hasQueryKeyValueBias: config.attention_bias,
    hasAttentionOutputBias: config.attention_bias,
    hasQueryKeyNorm: true,
    outputGate: 'element-sigmoid' as const,
    attentionModules: { ...PLAIN_ATTENTION, gate: null },
    states: describeDeltaNets(config, isByKeyHead),
    feedForward: dense.windowTokens.map((_, layer) => (isSparse(layer) ? sparse : denseFeedForward(config.intermediate_size))),
  }
}

function expertsContradiction(config: z.infer<typeof QwenExperts>): string | null {
  if (config.num_experts === 0) return null
  const missing = (['num_experts_per_tok', 'moe_intermediate_size', 'shared_expert_intermediate_size'] as const).find(
    (key) => config[key] === 0,
  )
  return missing === undefined ? null : `${missing} is missing`
}
