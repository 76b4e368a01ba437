import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { planRopes } from '../parts/rope-settings.ts'
import { plainRouter, SINGLE_EXPERTS } from '../parts/router.ts'

const Place = z.union([z.int().min(0), z.array(z.int().min(0)).min(1)])

/** Ernie 4.5 with routed and shared experts. Like mlx-lm, it ignores the correction of the router's scores. */
export const ernie45Moe = defineFamily({
  modelTypes: ['ernie4_5_moe'],
  schema: DenseConfig.extend({
    use_bias: z.boolean().default(false),
    moe_num_experts: z.int().min(1),
    moe_k: z.int().min(1).default(1),
    moe_intermediate_size: z.int().min(0).default(0),
    moe_num_shared_experts: z.int().min(0).default(0),
    moe_layer_start_index: Place.default(0),
    moe_layer_end_index: Place.nullish(),
    moe_layer_interval: z.int().min(1).default(1),
    moe_gate_act: z.string().default('softmax'),
  }).refine((config) => config.moe_k <= config.moe_num_experts, { error: 'moe_k exceeds moe_num_experts' }),
  describe(config) {
    requireSupported(config.model_type, 'moe_gate_act', config.moe_gate_act, ['softmax', 'sigmoid'])
    const dense = describeDense(config)
    const hasBias = config.use_bias
    const width = config.moe_intermediate_size || config.intermediate_size
    const first = Math.min(...[config.moe_layer_start_index].flat())
    const last = Math.max(...[config.moe_layer_end_index ?? config.num_hidden_layers - 1].flat())
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: config.moe_num_shared_experts > 0 ? gated('mlp.shared_experts', width * config.moe_num_shared_experts, { hasBias }) : null,
      experts: {
        count: config.moe_num_experts,
        width,
        hasBias,
        router: plainRouter('mlp.gate', config.moe_k, {
          scoring: config.moe_gate_act === 'sigmoid' ? 'sigmoid' : 'softmax',
          precision: 'scores',
        }),
        stack: 'mlp.switch_mlp',
        single: SINGLE_EXPERTS,
      },
    }
    const isSparse = (layer: number) => (layer + 1) % config.moe_layer_interval === 0 && layer >= first && layer <= last
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: true }),
      hasQueryKeyValueBias: hasBias,
      hasAttentionOutputBias: hasBias,
      feedForward: dense.windowTokens.map((_, layer) =>
        isSparse(layer) ? sparse : denseFeedForward(config.intermediate_size, { hasBias }),
      ),
    }
  },
})
