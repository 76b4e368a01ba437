import { z } from 'zod'

/** A file whose last write by a node failed. */
export const DiskTrouble = z.strictObject({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  sinceEpochMs: z.number(),
  attempts: z.int().min(1),
})
export type DiskTrouble = z.infer<typeof DiskTrouble>
