import { z } from 'zod'

/** An element of GF(3), the field of three elements, in balanced form. */
export const Trit = z.union([z.literal(-1), z.literal(0), z.literal(1)])
export type Trit = z.infer<typeof Trit>
