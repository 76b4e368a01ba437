import { z } from 'zod'

/** The sampling defaults that a model declares. */
export const SamplingSettings = z.strictObject({
  temperature: z.number().min(0).max(5).optional(),
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  minP: z.number().min(0).max(1).optional(),
  repetitionPenalty: z.number().gt(0).max(10).optional(),
})
export type SamplingSettings = z.infer<typeof SamplingSettings>

/** A reasoning model may have other sampling defaults when reasoning is turned off. */
export const CardSampling = SamplingSettings.extend({ withoutThinking: SamplingSettings.optional() })
export type CardSampling = z.infer<typeof CardSampling>
