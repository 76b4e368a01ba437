import { z } from 'zod'
import { sameInEveryLayer } from '../dense-config.ts'
import { describeLatent, LatentConfig } from '../deepseek-v3.ts'
import { defineFamily } from '../family.ts'
import { denseFeedForward } from '../parts/feed-forward.ts'

/** Youtu-LLM: latent attention and only dense layers. */
export const youtuLlm = defineFamily({
  modelTypes: ['youtu_llm'],
  schema: LatentConfig.extend({ mlp_bias: z.boolean().nullish() }),
  describe(config) {
    const latent = describeLatent(config, config.rms_norm_eps)
    return {
      ...latent,
      // Unlike DeepSeek, it does not enlarge queries and keys by yarn's factor.
      attentionScale: (config.qk_nope_head_dim + config.qk_rope_head_dim) ** -0.5,
      feedForward: sameInEveryLayer(config, denseFeedForward(config.intermediate_size, { hasBias: config.mlp_bias ?? false })),
    }
  },
})
