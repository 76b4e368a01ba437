import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily, type LayerNorms } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'
import { WindowConfig, windowedLayers } from '../parts/layer-windows.ts'
import { planRopes, ropeOf } from '../parts/rope-settings.ts'
import { qwenExperts } from '../parts/qwen-experts.ts'
import { bestFirst } from '../parts/router.ts'

/** Norms only on the outputs of both halves. */
export const OUTPUT_NORMS: LayerNorms = {
  input: null,
  attentionOutput: 'post_attention_layernorm',
  feedForward: null,
  feedForwardOutput: 'post_feedforward_layernorm',
}
const ROW_NORMS = { hasQueryKeyNorm: true, isRowNormed: true } as const

/** Olmo 2: norms over whole rows of queries and keys, and on the outputs of both halves of a layer. */
export const olmo2 = defineFamily({
  modelTypes: ['olmo2'],
  schema: DenseConfig.extend({ attention_bias: z.boolean().nullish(), mlp_bias: z.boolean().nullish() }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...ROW_NORMS,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      norms: OUTPUT_NORMS,
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})

/** Olmo 3: Olmo 2 with windowed layers, whose rotary positions are not scaled. */
export const olmo3 = defineFamily({
  modelTypes: ['olmo3'],
  schema: DenseConfig.extend({ attention_bias: z.boolean().nullish(), ...WindowConfig.shape }),
  describe(config) {
    const dense = describeDense(config)
    const named = windowedLayers(config)
    const { theta } = ropeOf(config, 10_000)
    return {
      ...dense,
      ...ROW_NORMS,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: false }),
      windowRope: planRope({ theta, scaling: null, dims: dense.headDim, isInterleaved: false }),
      windowTokens: dense.windowTokens.map((_, layer) => ((named?.[layer] ?? (layer + 1) % 4 !== 0) ? (config.sliding_window ?? 4096) : 0)),
      norms: OUTPUT_NORMS,
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
    }
  },
})

/** OLMoE: norms over whole rows of queries and keys, and experts in every layer. */
export const olmoE = defineFamily({
  modelTypes: ['olmoe'],
  schema: DenseConfig.extend({
    attention_bias: z.boolean().nullish(),
    num_experts: z.int().min(1),
    num_experts_per_tok: z.int().min(1),
    norm_topk_prob: z.boolean().default(false),
  }),
  describe(config) {
    const dense = describeDense(config)
    return {
      ...dense,
      ...ROW_NORMS,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: config.rope_traditional ?? false }),
      hasQueryKeyValueBias: config.attention_bias ?? false,
      hasAttentionOutputBias: config.attention_bias ?? false,
      feedForward: sameInEveryLayer(
        config,
        bestFirst({ activation: 'silu', always: null, experts: qwenExperts(config, config.intermediate_size) }),
      ),
    }
  },
})
