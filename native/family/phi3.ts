import { z } from 'zod'
import { planRope } from '../plan/rope-plan.ts'
import { DenseConfig, describeDense, ropeOf, sameInEveryLayer } from './dense-config.ts'
import { defineFamily } from './family.ts'
import { requireSupported } from './require-supported.ts'

/**
 * Phi 3 and 4: Llama with query, key and value in one module, gate and up in another, and heads of which a part may turn.
 * Like mlx-lm it reads no sliding window. Tensor parallel: sums over ranks as in Llama, and each fused module is shared
 * part by part.
 */
export const phi3 = defineFamily({
  modelTypes: ['phi3'],
  schema: DenseConfig.extend({
    partial_rotary_factor: z.number().gt(0).max(1).nullish(),
    original_max_position_embeddings: z.int().min(1).nullish(),
  }),
  describe(config) {
    const dense = describeDense(config)
    const { theta, scaling } = ropeOf(config, 10_000)
    requireSupported(config.model_type, 'rope_scaling', scaling?.type ?? scaling?.rope_type ?? 'default', ['default', 'linear', 'su', 'longrope'])
    const lengths = { max_position_embeddings: config.max_position_embeddings ?? 131_072, original_max_position_embeddings: config.original_max_position_embeddings ?? 4096 }
    const turned = Math.floor(dense.headDim * (config.partial_rotary_factor ?? scaling?.partial_rotary_factor ?? 1))
    return {
      ...dense,
      rope: planRope({ theta, scaling: scaling && { ...lengths, ...scaling }, dims: turned, isInterleaved: config.rope_traditional ?? false }),
      hasFusedQueryKeyValue: true,
      feedForward: sameInEveryLayer(config, {
        activation: 'silu',
        always: { width: config.intermediate_size, hasBias: false, gateUp: ['mlp.gate_up_proj'], down: 'mlp.down_proj' },
        experts: null,
      }),
    }
  },
})
