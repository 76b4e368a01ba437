import { z } from 'zod'
import { ModelId } from '../ids.ts'

/** A model that a search of the hub has found. */
export const HubHit = z.strictObject({
  modelId: ModelId,
  downloads: z.number().min(0),
  likes: z.number().min(0),
  /** Its author lets only accounts download it that have accepted the terms. */
  isGated: z.boolean(),
  /** `model_type` of its config.json; null: the hub does not tell. */
  family: z.string().nullable(),
  /** Size of all weights; null: the hub does not tell. */
  weightBytes: z.number().min(0).nullable(),
})
export type HubHit = z.infer<typeof HubHit>
