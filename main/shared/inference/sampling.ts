import { z } from 'zod'

/** How a model wants its tokens drawn, as far as it says so. */
export const SamplingSettings = z.strictObject({
  temperature: z.number().min(0).max(5).optional(),
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  minP: z.number().min(0).max(1).optional(),
  repetitionPenalty: z.number().gt(0).max(10).optional(),
})
export type SamplingSettings = z.infer<typeof SamplingSettings>

/** Of a card: models that think are drawn otherwise when they are told not to. */
export const CardSampling = SamplingSettings.extend({ withoutThinking: SamplingSettings.optional() })
export type CardSampling = z.infer<typeof CardSampling>
