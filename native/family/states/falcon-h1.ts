import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { gated } from '../parts/feed-forward.ts'
import { PLAIN_NORMS, PLAIN_PLACE } from '../parts/module-names.ts'
import { planRopes } from '../parts/rope-settings.ts'

const Size = z.int().min(1)

/**
 * Falcon H1: attention and a Mamba 2 layer side by side in every layer. The versions for MLX have the multipliers in their weights. Tensor
 * parallel: a sum over ranks after each half of a layer, attention and Mamba together.
 */
export const falconH1 = defineFamily({
  modelTypes: ['falcon_h1'],
  reads: ['embedding_multiplier'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    projectors_bias: z.boolean().default(false),
    embedding_multiplier: z.number().default(5.656854249492381),
    lm_head_multiplier: z.number().default(0.0390625),
    mamba_d_ssm: Size,
    mamba_n_heads: Size,
    mamba_d_head: Size,
    mamba_d_state: Size,
    mamba_d_conv: z.int().min(2).default(4),
    mamba_n_groups: Size.default(1),
    mamba_conv_bias: z.boolean().default(true),
    mamba_proj_bias: z.boolean().default(false),
    mamba_rms_norm: z.literal(false).default(false),
  }).check((context) => {
    const { mamba_d_ssm: width, mamba_n_heads: heads, mamba_d_head: headDim, mamba_n_groups: groups } = context.value
    if (heads * headDim === width && heads % groups === 0) return
    const message = 'mamba_d_ssm is not mamba_n_heads * mamba_d_head, or mamba_n_groups does not divide mamba_n_heads'
    context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    const dense = describeDense(config)
    const isTied = config.tie_word_embeddings ?? true
    const mamba = {
      kind: 'mamba',
      heads: config.mamba_n_heads,
      groups: config.mamba_n_groups,
      headDim: config.mamba_d_head,
      stateDim: config.mamba_d_state,
      kernel: config.mamba_d_conv,
      stepRange: [0, Number.POSITIVE_INFINITY],
      hasConvolutionBias: config.mamba_conv_bias,
      hasProjectionBias: config.mamba_proj_bias,
      hasOutputBias: config.projectors_bias,
      hasNorm: false,
      normGroups: 1,
      normEpsilon: config.rms_norm_eps,
      module: 'mamba',
      isConvertedOnly: true,
    } as const
    return {
      ...dense,
      ...planRopes(config, 1e11, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      places: [{ ...PLAIN_PLACE, finalNorm: 'final_layernorm' }],
      norms: { ...PLAIN_NORMS, feedForward: 'pre_ff_layernorm' },
      hasQueryKeyValueBias: config.attention_bias,
      hasAttentionOutputBias: config.attention_bias,
      states: Array.from({ length: config.num_hidden_layers }, () => mamba),
      areStatesBeside: true,
      // The head that is the embedding has the embedding's multiplier in its weights.
      logitScale: isTied ? config.lm_head_multiplier / config.embedding_multiplier : 1,
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: gated('feed_forward', config.intermediate_size, { hasBias: config.mlp_bias }),
        experts: null,
      }),
      isHeadTied: isTied,
    }
  },
})
