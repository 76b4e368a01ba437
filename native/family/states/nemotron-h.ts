import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily, type DecoderDescription } from '../family.ts'
import type { FeedForwardDescription, GatedDescription } from '../parts/feed-forward.ts'
import { groupsContradiction } from '../parts/grouped-experts.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { plainRouter } from '../parts/router.ts'
import type { MambaDescription } from '../parts/state-layers.ts'
import { StepLimit } from '../parts/step-limit.ts'

const Size = z.int().min(1)
type Kind = 'mamba' | 'attention' | 'dense' | 'experts'
const KINDS: Readonly<Record<string, Kind>> = { M: 'mamba', '*': 'attention', '-': 'dense', E: 'experts' }
/** The names of the kinds in a list of layers, the newer ones first. */
const NAMED_KINDS: Readonly<Record<string, Kind>> = {
  full_attention: 'attention',
  linear_attention: 'mamba',
  moe: 'experts',
  mlp: 'dense',
  attention: 'attention',
  mamba: 'mamba',
  conv: 'mamba',
}
const Names = z.array(z.string()).min(1).nullish()

const Config = DenseConfig.extend({
  num_hidden_layers: Size.nullish(),
  rms_norm_eps: z.number().nullish(),
  layer_norm_epsilon: z.number().min(0),
  hybrid_override_pattern: z.union([z.string().min(1), z.array(z.string()).min(1)]).nullish(),
  layers_block_type: Names,
  layer_types: Names,
  attention_bias: z.boolean(),
  mlp_bias: z.boolean(),
  mlp_hidden_act: z.string().default('relu2'),
  mamba_hidden_act: z.string().default('silu'),
  mamba_num_heads: Size,
  mamba_head_dim: Size,
  mamba_proj_bias: z.boolean(),
  ssm_state_size: Size,
  conv_kernel: z.int().min(2),
  n_groups: Size,
  use_conv_bias: z.boolean(),
  time_step_limit: StepLimit.nullish(),
  moe_intermediate_size: Size.nullish(),
  moe_shared_expert_intermediate_size: Size.nullish(),
  moe_latent_size: Size.nullish(),
  n_routed_experts: Size.nullish(),
  n_shared_experts: z.int().min(0).nullish(),
  n_group: Size.nullish(),
  topk_group: Size.nullish(),
  num_experts_per_tok: Size.nullish(),
  norm_topk_prob: z.boolean().nullish(),
  routed_scaling_factor: z.number().nullish(),
}).check((context) => {
  const message = contradiction(context.value)
  if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
})
type Config = z.infer<typeof Config>

/**
 * Nemotron-H and Nemotron 3: each layer has one half, a Mamba 2 layer, attention without rotary positions, a dense part or experts.
 * Activations are squared and have no gate. Tensor parallel: one sum over ranks after each layer.
 */
export const nemotronH = defineFamily({
  modelTypes: ['nemotron_h'],
  schema: Config,
  describe(config): DecoderDescription {
    requireSupported(config.model_type, 'mlp_hidden_act', config.mlp_hidden_act, ['relu2'])
    requireSupported(config.model_type, 'mamba_hidden_act', config.mamba_hidden_act, ['silu'])
    const kinds = kindsOf(config) as Kind[]
    const dense = describeDense({ ...config, num_hidden_layers: kinds.length, rms_norm_eps: config.layer_norm_epsilon })
    const none: FeedForwardDescription = { activation: 'relu-squared', always: null, experts: null }
    return {
      ...dense,
      places: [{ prefix: 'backbone.', embedding: 'backbone.embeddings', head: 'lm_head', finalNorm: 'norm_f' }],
      norms: { input: 'norm', attentionOutput: null, feedForward: 'norm', feedForwardOutput: null },
      attentionModules: {
        ...dense.attentionModules,
        queryKeyValue: ['mixer.q_proj', 'mixer.k_proj', 'mixer.v_proj'],
        output: 'mixer.o_proj',
      },
      rope: { inverseFrequencies: new Float32Array(0), positionScale: 1, magnitude: 1, isInterleaved: false },
      hasQueryKeyValueBias: config.attention_bias,
      hasAttentionOutputBias: config.attention_bias,
      states: kinds.map((kind) => (kind === 'mamba' ? describeMamba(config) : null)),
      halves: kinds.map((kind) => (kind === 'mamba' || kind === 'attention' ? 'first' : 'second')),
      feedForward: kinds.map((kind) =>
        kind === 'dense'
          ? { ...none, always: ungated('mixer', config.intermediate_size, config.mlp_bias) }
          : kind === 'experts'
            ? { ...none, ...describeExperts(config) }
            : none,
      ),
      isHeadTied: null,
    }
  },
})

function ungated(module: string, width: number, hasBias: boolean): GatedDescription {
  return { width, hasBias, gateUp: [`${module}.up_proj`], down: `${module}.down_proj` }
}

function describeMamba(config: Config): MambaDescription {
  return {
    kind: 'mamba',
    heads: config.mamba_num_heads,
    groups: config.n_groups,
    headDim: config.mamba_head_dim,
    stateDim: config.ssm_state_size,
    kernel: config.conv_kernel,
    stepRange: config.time_step_limit ?? [0, Number.MAX_VALUE],
    hasConvolutionBias: config.use_conv_bias,
    hasProjectionBias: config.mamba_proj_bias,
    hasNorm: true,
    normGroups: config.n_groups,
    normEpsilon: config.layer_norm_epsilon,
    module: 'mixer',
  }
}

function describeExperts(config: Config): Pick<FeedForwardDescription, 'always' | 'experts'> {
  const { n_shared_experts: shared, moe_latent_size: latent, num_experts_per_tok: chosen } = config
  const sharedWidth = config.moe_shared_expert_intermediate_size ?? config.intermediate_size
  return {
    always: shared == null ? null : ungated('mixer.shared_experts', sharedWidth, config.mlp_bias),
    experts: {
      count: config.n_routed_experts as number,
      width: config.moe_intermediate_size as number,
      hasBias: false,
      router: plainRouter('mixer.gate', chosen as number, {
        scoring: 'sigmoid',
        correction: 'mixer.gate.e_score_correction_bias',
        isNormalized: (config.norm_topk_prob ?? false) && (chosen as number) > 1,
        groups: config.n_group ?? 1,
        groupsKept: config.topk_group ?? 1,
        scale: config.routed_scaling_factor ?? 1,
      }),
      stack: 'mixer.switch_mlp',
      stackNames: { up: 'fc1', down: 'fc2' },
      single: { module: 'mixer.experts', gate: 'gate_proj', up: 'up_proj', down: 'down_proj' },
      ...(latent != null && { latent: { width: latent, to: 'mixer.fc1_latent_proj', from: 'mixer.fc2_latent_proj' } }),
    },
  }
}

/** Shape [layers]; undefined for an unknown kind. */
function kindsOf({ hybrid_override_pattern: pattern, layers_block_type: blocks, layer_types: types }: Config): (Kind | undefined)[] {
  if (pattern != null) return [...pattern].map((letter) => KINDS[letter])
  return (blocks ?? types ?? []).map((name) => NAMED_KINDS[name])
}

function contradiction(config: Config): string | null {
  const kinds = kindsOf(config)
  if (kinds.length === 0) return 'hybrid_override_pattern, layers_block_type and layer_types are all missing'
  const unknown = kinds.indexOf(undefined)
  if (unknown >= 0) return `layer ${unknown} is of an unknown kind (hybrid_override_pattern, layers_block_type or layer_types)`
  if (config.mamba_num_heads % config.n_groups !== 0)
    return `n_groups (${config.n_groups}) does not divide mamba_num_heads (${config.mamba_num_heads})`
  if (!kinds.includes('experts')) return null
  const { n_routed_experts: experts, num_experts_per_tok: chosen, moe_intermediate_size: width } = config
  if (experts == null || chosen == null || width == null)
    return 'layers with experts need n_routed_experts, num_experts_per_tok and moe_intermediate_size'
  if (config.moe_latent_size != null && config.mlp_bias) return 'mlp_bias with moe_latent_size is not supported'
  return groupsContradiction({
    experts,
    expertsKey: 'n_routed_experts',
    groups: config.n_group ?? 1,
    kept: config.topk_group ?? 1,
    chosen,
  })
}
