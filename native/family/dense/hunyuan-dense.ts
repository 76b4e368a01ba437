import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { PLAIN_ATTENTION } from '../parts/module-names.ts'
import { QUERY_KEY_NORMS } from '../parts/refuse-other-meaning.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

/** Hunyuan, dense: norms of queries and keys after the rotation, whose theta is multiplied by a fixed power of alpha. */
export const hunyuanDense = defineFamily({
  modelTypes: ['hunyuan_v1_dense'],
  reads: QUERY_KEY_NORMS,
  schema: DenseConfig.extend({ attention_bias: z.boolean().nullish(), use_qk_norm: z.boolean().default(true) }),
  describe(config) {
    const dense = describeDense(config)
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    const alpha = z.number().gt(0).catch(1).parse(scaling?.['alpha'])
    const stretched = theta * alpha ** (dense.headDim / (dense.headDim - 2))
    return {
      ...dense,
      rope: planWholeHeads(
        { theta: stretched, scaling: scaling?.['alpha'] === undefined ? scaling : null, turnedPart },
        { dims: dense.headDim, isInterleaved: false },
      ),
      attentionModules: { ...PLAIN_ATTENTION, queryNorm: 'self_attn.query_layernorm', keyNorm: 'self_attn.key_layernorm' },
      hasQueryKeyNorm: config.use_qk_norm,
      isNormedAfterRotation: true,
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
    }
  },
})
