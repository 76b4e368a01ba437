import { z } from 'zod'
import { sameInEveryLayer } from '../dense-config.ts'
import { granite } from '../dense/granite.ts'
import { defineFamily } from '../family.ts'
import type { FeedForwardDescription } from '../parts/feed-forward.ts'
import { plainRouter } from '../parts/router.ts'
import type { MambaDescription } from '../parts/state-layers.ts'
import { StepLimit } from '../parts/step-limit.ts'

const Size = z.int().min(1)
const MAMBA_KEYS = ['mamba_n_heads', 'mamba_d_head', 'mamba_d_state', 'mamba_d_conv', 'mamba_n_groups'] as const

const Config = granite.schema
  .extend({
    layer_types: z.array(z.enum(['mamba', 'attention'])),
    num_local_experts: z.int().min(0).nullish(),
    num_experts_per_tok: z.int().min(0).nullish(),
    shared_intermediate_size: Size.nullish(),
    mamba_n_heads: Size.nullish(),
    mamba_d_head: Size.nullish(),
    mamba_d_state: Size.nullish(),
    mamba_d_conv: z.int().min(2).nullish(),
    mamba_n_groups: Size.nullish(),
    mamba_proj_bias: z.boolean().nullish(),
    mamba_conv_bias: z.boolean().nullish(),
    position_embedding_type: z.string().default('rope'),
    tie_word_embeddings: z.boolean().default(true),
    time_step_limit: StepLimit.default([0.001, 100]),
  })
  .check((context) => {
    const message = contradiction(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  })
type Config = z.infer<typeof Config>

/**
 * Granite 4: Mamba 2 layers and attention, each followed by a dense part or by experts beside one. Tensor parallel: a sum over ranks
 * after each half of a layer, and one of a number per token for the norm of Mamba layers.
 */
export const graniteHybrid = defineFamily({
  modelTypes: ['granitemoehybrid'],
  reads: granite.reads ?? [],
  schema: Config,
  describe(config) {
    const whole = granite.describe({ ...config, head_dim: null, rope_theta: config.rope_parameters?.rope_theta ?? config.rope_theta })
    return {
      ...whole,
      layerAttention: config.position_embedding_type === 'nope' ? config.layer_types.map(() => ({ rope: null })) : [],
      states: config.layer_types.map((type) => (type === 'mamba' ? describeMamba(config) : null)),
      feedForward: config.num_local_experts ? sameInEveryLayer(config, describeExperts(config)) : whole.feedForward,
      isHeadTied: config.tie_word_embeddings,
    }
  },
})

function describeMamba(config: Config): MambaDescription {
  return {
    kind: 'mamba',
    heads: config.mamba_n_heads as number,
    groups: config.mamba_n_groups as number,
    headDim: config.mamba_d_head as number,
    stateDim: config.mamba_d_state as number,
    kernel: config.mamba_d_conv as number,
    stepRange: config.time_step_limit,
    hasConvolutionBias: config.mamba_conv_bias ?? false,
    hasProjectionBias: config.mamba_proj_bias ?? false,
    hasNorm: true,
    normGroups: 1,
    normEpsilon: config.rms_norm_eps,
    module: 'mamba',
  }
}

function describeExperts(config: Config): FeedForwardDescription {
  return {
    activation: 'silu',
    always: {
      width: config.shared_intermediate_size as number,
      hasBias: false,
      gateUp: ['shared_mlp.input_linear'],
      down: 'shared_mlp.output_linear',
    },
    experts: {
      count: config.num_local_experts as number,
      width: config.intermediate_size,
      hasBias: false,
      router: plainRouter('block_sparse_moe.router.layer', config.num_experts_per_tok as number, {
        scoring: 'softmax-of-chosen',
        isNormalized: false,
      }),
      stack: 'block_sparse_moe.switch_mlp',
      single: null,
    },
  }
}

function contradiction(config: Config): string | null {
  if (config.layer_types.length !== config.num_hidden_layers)
    return `layer_types names ${config.layer_types.length} of ${config.num_hidden_layers} layers`
  const missing = config.layer_types.includes('mamba') ? MAMBA_KEYS.find((key) => config[key] == null) : undefined
  if (missing !== undefined) return `${missing} is missing`
  if (config.mamba_n_heads != null && config.mamba_n_groups != null && config.mamba_n_heads % config.mamba_n_groups !== 0)
    return `mamba_n_groups (${config.mamba_n_groups}) does not divide mamba_n_heads (${config.mamba_n_heads})`
  if (!config.num_local_experts) return null
  if (!config.num_experts_per_tok) return 'num_experts_per_tok is missing'
  return config.shared_intermediate_size == null ? 'shared_intermediate_size is missing' : null
}
