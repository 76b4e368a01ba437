import { z } from 'zod'
import { DoctorText } from '../../doctor/say-finding.ts'

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
      /** Both by their codes, for other languages; absent or null: only the text above is known. */
      said: z.strictObject({ finding: DoctorText.nullable(), fix: DoctorText.nullable() }).optional(),
    }),
  ),
})
export type DoctorAnswer = z.infer<typeof DoctorAnswer>
