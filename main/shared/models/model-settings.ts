import { z } from 'zod'
import type { SamplingSettings } from '../inference/sampling.ts'
import { WantedKvBits } from './kv-bits.ts'

/** The user's settings for one model. A request overrides them; omitted fields use the model's defaults. */
export const ModelSettings = z.strictObject({
  temperature: z.number().min(0).max(5).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.int().min(0).max(1_000_000).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().gt(0).max(10).optional(),
  /** For requests without a limit. */
  max_tokens: z.int().min(1).optional(),
  /** Context size of the next load, in tokens; less if memory is short. */
  context_tokens: z
    .int()
    .min(64)
    .max(2 ** 24)
    .optional(),
  /** Bits per number of the KV cache of the next load: 4, 8, 16, or 32 for as computed. */
  kv_bits: WantedKvBits.optional(),
  /** Seconds without work after which it is unloaded; -1: never. */
  ttl: z.int().min(-1).max(31_536_000).optional(),
  /** System prompt of chats without a system message. */
  system: z.string().max(65_536).optional(),
})
export type ModelSettings = z.infer<typeof ModelSettings>

export const MOST_MODELS_WITH_SETTINGS = 1000

export function samplingOfSettings({
  temperature,
  top_p: topP,
  top_k: topK,
  min_p: minP,
  repetition_penalty: repetitionPenalty,
}: ModelSettings): SamplingSettings {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(minP === undefined ? {} : { minP }),
    ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }),
  }
}
