import { z } from 'zod'
import type { DecoderDescription } from '../family.ts'
import { PLAIN_NORMS } from './module-names.ts'

/** The keys of config.json for Cohere's layers. */
export const ParallelHalvesConfig = z.object({
  rms_norm_eps: z.number().min(0).nullish(),
  layer_norm_eps: z.number().min(0).default(1e-5),
  layer_norm_bias: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  logit_scale: z.number().default(0.0625),
})

/** Cohere's layers: attention and feed-forward in parallel after one LayerNorm, and scaled logits from a tied head. */
export function describeParallelHalves(config: z.infer<typeof ParallelHalvesConfig>) {
  return {
    norms: { ...PLAIN_NORMS, feedForward: null },
    layerNorm: { hasBias: config.layer_norm_bias },
    isParallel: true,
    logitScale: config.logit_scale,
    hasQueryKeyValueBias: config.attention_bias,
    hasAttentionOutputBias: config.attention_bias,
    isHeadTied: true,
  } satisfies Partial<DecoderDescription>
}
