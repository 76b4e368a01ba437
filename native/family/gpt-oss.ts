import { z } from 'zod'
import { DenseConfig, describeDense, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { WindowConfig, windowedLayers } from './parts/layer-windows.ts'
import { planRopes } from './parts/rope-settings.ts'
import { plainRouter } from './parts/router.ts'

const Size = z.int().min(1)

/**
 * GPT-OSS: every other layer has a window, each head has a sink, and every layer has experts, usually in mxfp4. Tensor
 * parallel: sums over ranks after the attention's output and after the weighted experts.
 */
export const gptOss = defineFamily({
  modelTypes: ['gpt_oss'],
  schema: DenseConfig.extend({
    head_dim: Size.default(64),
    num_local_experts: Size.default(128),
    num_experts_per_tok: Size.default(4),
    ...WindowConfig.shape,
  }),
  describe(config) {
    const dense = describeDense(config)
    const named = windowedLayers(config)
    const isWindowed = (layer: number) => named?.[layer] ?? layer % 2 === 0
    return {
      ...dense,
      ...planRopes(config, 150_000, { dims: dense.headDim, isInterleaved: false }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed(layer) ? (config.sliding_window ?? 128) : 0)),
      hasQueryKeyValueBias: true,
      hasAttentionOutputBias: true,
      hasAttentionSinks: true,
      feedForward: sameInEveryLayer(config, {
        activation: 'clamped-swiglu',
        always: null,
        experts: {
          count: config.num_local_experts,
          width: config.intermediate_size,
          hasBias: true,
          router: plainRouter('mlp.router', config.num_experts_per_tok, { hasBias: true }),
          stack: 'mlp.experts',
          single: null,
        },
      }),
    }
  },
})
