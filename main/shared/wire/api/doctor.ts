import { z } from 'zod'

/** `GET /doctor`: the findings of `exo doctor`. */
export const DoctorAnswer = z.strictObject({
  checks: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      state: z.enum(['ok', 'warning', 'problem', 'unknown']),
      finding: z.string(),
      /** The fix; null if there is nothing to fix. */
      fix: z.string().nullable(),
    }),
  ),
})
export type DoctorAnswer = z.infer<typeof DoctorAnswer>
