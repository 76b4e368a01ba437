import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { PLAIN_ATTENTION } from './parts/module-names.ts'
import { ropeOf } from './parts/rope-settings.ts'

/**
 * Phi 3 and 4: Llama with query, key and value in one module, gate and up in another, and possibly partial rotary positions.
 * Like mlx-lm, it ignores the sliding window. Tensor parallel: sums over ranks as in Llama, and each fused module is split
 * part by part.
 */
export const phi3 = defineFamily({
  modelTypes: ['phi3'],
  schema: DenseConfig,
  describe(config) {
    const dense = describeDense(config)
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    return {
      ...dense,
      rope: planRope({
        theta,
        scaling,
        dims: Math.floor(dense.headDim * (turnedPart ?? 1)),
        isInterleaved: config.rope_traditional ?? false,
      }),
      attentionModules: { ...PLAIN_ATTENTION, queryKeyValue: ['self_attn.qkv_proj'] },
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: { width: config.intermediate_size, hasBias: false, gateUp: ['mlp.gate_up_proj'], down: 'mlp.down_proj' },
        experts: null,
      }),
    }
  },
})
