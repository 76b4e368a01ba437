import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { NO_ROPE } from '../../plan/rope-list.ts'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { gated } from '../parts/feed-forward.ts'
import { ropeOf } from '../parts/rope-settings.ts'

/** Llama 4's dense text models (MobileLLM): some layers have no positions, and heads have norms without a weight. */
export const llama4Text = defineFamily({
  modelTypes: ['llama4_text'],
  reads: ['use_qk_norm', 'no_rope_layers'],
  schema: DenseConfig.extend({
    head_dim: z.int().min(1),
    intermediate_size_mlp: z.int().min(1),
    /** 0: the layer has no rotary positions. */
    no_rope_layers: z.array(z.union([z.int(), z.boolean()])),
    use_qk_norm: z.boolean(),
  }),
  describe(config) {
    const dense = describeDense(config)
    const { theta } = ropeOf(config, 500_000)
    return {
      ...dense,
      places: [{ prefix: 'model.', embedding: 'model.embed_tokens', head: 'output' }],
      rope: planRope({ theta, scaling: null, dims: dense.headDim, isInterleaved: true }),
      areHeadsNormed: config.use_qk_norm,
      layerAttention: Array.from({ length: config.num_hidden_layers }, (_, layer) =>
        config.no_rope_layers[layer] ? {} : { rope: NO_ROPE },
      ),
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: gated('feed_forward', config.intermediate_size_mlp),
        experts: null,
      }),
    }
  },
})
