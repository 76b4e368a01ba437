import { z } from 'zod'

/** Which paths between the ranks of a model are encrypted: all; all except loopback and direct Thunderbolt cables; none. */
export const SealRing = z.enum(['always', 'lan', 'never'])
export type SealRing = z.infer<typeof SealRing>
