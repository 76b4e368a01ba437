import { z } from 'zod'

/** A file of a node that could not be written the last time. */
export const DiskTrouble = z.strictObject({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  sinceEpochMs: z.number(),
  attempts: z.int().min(1),
})
export type DiskTrouble = z.infer<typeof DiskTrouble>
