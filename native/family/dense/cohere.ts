import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { PLAIN_NORMS } from '../parts/module-names.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** Command R: parallel halves behind one LayerNorm. Of Command R+, whose heads have norms of their own, config.json is refused. */
export const cohere = defineFamily({
  modelTypes: ['cohere'],
  reads: ['logit_scale'],
  schema: DenseConfig.extend({
    rms_norm_eps: z.number().min(0).nullish(),
    layer_norm_eps: z.number().min(0).default(1e-5),
    layer_norm_bias: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    logit_scale: z.number().default(0.0625),
  }),
  describe(config) {
    // Heads share the hidden size, whatever head_dim says.
    const dense = describeDense({ ...config, head_dim: null, rms_norm_eps: config.layer_norm_eps })
    return {
      ...dense,
      rope: planWholeHeads(ropeOf(config, 8_000_000), { dims: dense.headDim, isInterleaved: true }),
      norms: { ...PLAIN_NORMS, feedForward: null },
      layerNorm: { hasBias: config.layer_norm_bias },
      isParallel: true,
      logitScale: config.logit_scale,
      hasQueryKeyValueBias: config.attention_bias,
      hasAttentionOutputBias: config.attention_bias,
      isHeadTied: true,
    }
  },
})
