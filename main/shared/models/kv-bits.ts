import { z } from 'zod'

/** Bits per number of the KV cache; 4 and 8 are quantized. */
export const KvBits = z.literal([4, 8, 16])
export type KvBits = z.infer<typeof KvBits>

/** What a user may ask for; 32: as computed, also where something else is the default. */
export const WantedKvBits = z.literal([4, 8, 16, 32])
export type WantedKvBits = z.infer<typeof WantedKvBits>
