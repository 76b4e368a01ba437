import { z } from 'zod'
import { DenseConfig, describeDense } from '../dense-config.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward, gated, type FeedForwardDescription } from '../parts/feed-forward.ts'
import { groupsContradiction } from '../parts/grouped-experts.ts'
import { WindowConfig, windowedLayers } from '../parts/layer-windows.ts'
import { PLAIN_ATTENTION } from '../parts/module-names.ts'
import { requireSupported } from '../parts/require-supported.ts'
import { planRopes } from '../parts/rope-settings.ts'
import { plainRouter, SINGLE_EXPERTS } from '../parts/router.ts'

/** Trinity: windowed layers with rotary positions, full layers without, element-wise gates, and norms around both halves. */
export const afmoe = defineFamily({
  modelTypes: ['afmoe'],
  schema: DenseConfig.extend({
    ...WindowConfig.shape,
    layer_types: z.array(z.string()),
    sliding_window: z.int().min(1).default(2048),
    moe_intermediate_size: z.int().min(1).default(1024),
    num_experts: z.int().min(1).default(128),
    num_experts_per_tok: z.int().min(1).default(8),
    num_shared_experts: z.int().min(0).default(1),
    num_dense_layers: z.int().min(0).default(2),
    route_norm: z.boolean().default(true),
    route_scale: z.number().default(2.826),
    score_func: z.string().default('sigmoid'),
    n_group: z.int().min(1).default(1),
    topk_group: z.int().min(1).default(1),
    mup_enabled: z.boolean().default(true),
  }).check((context) => {
    const { num_experts: experts, n_group: groups, topk_group: kept, num_experts_per_tok: chosen } = context.value
    const message = groupsContradiction({ experts, expertsKey: 'num_experts', groups, kept, chosen })
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
  }),
  describe(config) {
    requireSupported(config.model_type, 'score_func', config.score_func, ['sigmoid', 'softmax'])
    const dense = describeDense({ ...config, head_dim: config.head_dim ?? 64 })
    const isWindowed = windowedLayers(config)
    const { num_shared_experts: shared, moe_intermediate_size: width } = config
    const sparse: FeedForwardDescription = {
      activation: 'silu',
      always: shared > 0 ? gated('mlp.shared_experts', width * shared) : null,
      experts: {
        count: config.num_experts,
        width,
        hasBias: false,
        router: plainRouter('mlp.router.gate', config.num_experts_per_tok, {
          scoring: config.score_func === 'sigmoid' ? 'sigmoid' : 'softmax',
          correction: 'mlp.expert_bias',
          isNormalized: config.route_norm && config.num_experts_per_tok > 1,
          groups: config.n_group,
          groupsKept: config.topk_group,
          scale: config.route_scale,
          precision: 'scores',
        }),
        stack: 'mlp.experts',
        single: SINGLE_EXPERTS,
      },
    }
    return {
      ...dense,
      ...planRopes(config, 10_000, { dims: dense.headDim, isInterleaved: false }),
      windowTokens: dense.windowTokens.map((_, layer) => (isWindowed?.[layer] ? config.sliding_window : 0)),
      layerAttention: dense.windowTokens.map((_, layer) => (isWindowed?.[layer] ? {} : { rope: null })),
      embeddingScale: config.mup_enabled ? Math.sqrt(config.hidden_size) : 1,
      hasQueryKeyNorm: true,
      outputGate: 'element-sigmoid',
      attentionModules: { ...PLAIN_ATTENTION, gate: 'self_attn.gate_proj' },
      norms: {
        input: 'input_layernorm',
        attentionOutput: 'post_attention_layernorm',
        feedForward: 'pre_mlp_layernorm',
        feedForwardOutput: 'post_mlp_layernorm',
      },
      feedForward: dense.windowTokens.map((_, layer) =>
        layer < config.num_dense_layers ? denseFeedForward(config.intermediate_size) : sparse,
      ),
    }
  },
})
