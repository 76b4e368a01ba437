import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { GEMMA_NORMS } from '../gemma3.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** Gemma 2: soft caps on the logits of attention and head. Like mlx-lm, it ignores the sliding window. */
export const gemma2 = defineFamily({
  modelTypes: ['gemma2'],
  reads: ['attn_logit_softcapping', 'final_logit_softcapping'],
  schema: DenseConfig.extend({
    query_pre_attn_scalar: z.number().gt(0).default(144),
    attn_logit_softcapping: z.number().gt(0).default(50),
    final_logit_softcapping: z.number().gt(0).nullable().default(30),
  }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      rope: planWholeHeads(ropeOf(config, 10_000), { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      normOffset: 1,
      norms: GEMMA_NORMS,
      embeddingScale: Math.sqrt(config.hidden_size),
      attentionScale: config.query_pre_attn_scalar ** -0.5,
      softCap: config.attn_logit_softcapping,
      logitCap: config.final_logit_softcapping ?? 0,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { activation: 'gelu-tanh' })),
      isHeadTied: true,
    }
  },
})
