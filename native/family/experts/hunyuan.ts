import { z } from 'zod'
import { hunyuanDense } from '../dense/hunyuan-dense.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { plainRouter, SINGLE_EXPERTS } from '../parts/router.ts'

const Size = z.int().min(1)
/** One value for all layers, or one for each layer. */
const ByLayer = z.union([Size, z.array(Size).min(1)])

/** Hunyuan with experts (A13B): the dense model's attention, softmax scores that do not sum to 1, and shared experts. */
export const hunyuan = defineFamily({
  modelTypes: ['hunyuan'],
  reads: hunyuanDense.reads ?? [],
  schema: hunyuanDense.schema.extend({
    num_experts: Size,
    moe_topk: ByLayer,
    num_shared_expert: ByLayer.nullish(),
    use_mixed_mlp_moe: z.boolean().default(false),
    moe_intermediate_size: ByLayer.nullish(),
    /** true: layers share keys before their norms, which the decoder does not do. */
    use_cla: z.literal(false).default(false),
  }),
  describe(config) {
    const sparse = (layer: number): FeedForwardDescription => ({
      activation: 'silu',
      always: config.use_mixed_mlp_moe
        ? gated('mlp.shared_mlp', config.intermediate_size * ofLayer(config.num_shared_expert ?? 1, layer))
        : null,
      experts: {
        count: config.num_experts,
        width: ofLayer(config.moe_intermediate_size ?? config.intermediate_size, layer),
        hasBias: false,
        router: plainRouter('mlp.gate.wg', ofLayer(config.moe_topk, layer), { isNormalized: false, isBestFirst: true }),
        stack: 'mlp.switch_mlp',
        single: SINGLE_EXPERTS,
      },
    })
    return {
      ...hunyuanDense.describe({ ...config, head_dim: null }),
      feedForward: Array.from({ length: config.num_hidden_layers }, (_, layer) =>
        config.num_experts === 1 ? denseFeedForward(config.intermediate_size) : sparse(layer),
      ),
      isHeadTied: true,
    }
  },
})

const ofLayer = (value: z.infer<typeof ByLayer>, layer: number): number => (typeof value === 'number' ? value : (value[layer] ?? 1))
