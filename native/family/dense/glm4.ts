import { z } from 'zod'
import { planRope } from '../../plan/rope-plan.ts'
import { DenseConfig, describeDense, sameInEveryLayer } from '../dense-config.ts'
import { defineFamily, type DecoderDescription } from '../family.ts'
import { PLAIN_NORMS } from '../parts/module-names.ts'
import { planWholeHeads, ropeOf } from '../parts/rope-settings.ts'

const Config = DenseConfig.extend({ attention_bias: z.boolean().nullish() })
type Config = z.infer<typeof Config>

/** GLM: Llama with gate and up in one module and interleaved rotary positions. */
export const glm = defineFamily({
  modelTypes: ['glm'],
  schema: Config,
  describe(config) {
    const shared = describe(config)
    return { ...shared, rope: planWholeHeads(ropeOf(config, 10_000), { dims: shared.headDim, isInterleaved: true }) }
  },
})

/** GLM 4, dense: rotary positions on part of each head, and norms on the outputs of both halves of a layer. */
export const glm4 = defineFamily({
  modelTypes: ['glm4'],
  schema: Config,
  describe(config) {
    const shared = describe(config)
    const { theta, scaling, turnedPart } = ropeOf(config, 10_000)
    return {
      ...shared,
      rope: planRope({
        theta,
        scaling,
        dims: Math.floor(shared.headDim * (turnedPart ?? 0.5)),
        isInterleaved: config.rope_traditional ?? true,
      }),
      isHeadTied: null,
      norms: { ...PLAIN_NORMS, attentionOutput: 'post_self_attn_layernorm', feedForwardOutput: 'post_mlp_layernorm' },
    }
  },
})

function describe(config: Config): Omit<DecoderDescription, 'rope'> {
  return {
    ...describeDense(config),
    hasQueryKeyValueBias: config.attention_bias ?? false,
    feedForward: sameInEveryLayer(config, {
      activation: 'silu',
      always: { width: config.intermediate_size, hasBias: false, gateUp: ['mlp.gate_up_proj'], down: 'mlp.down_proj' },
      experts: null,
    }),
  }
}
