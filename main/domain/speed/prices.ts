import { z } from 'zod'

/** What can be bought, and for how much: the file of `exo plan --prices`. */
export const Prices = z.strictObject({
  currency: z.string().min(1).max(8),
  /** One Thunderbolt 5 cable. */
  cable: z.number().min(0),
  machines: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(128),
        chip: z.string().min(1).max(256),
        gpuCores: z.int().min(1).max(1024).optional(),
        memoryGigabytes: z.number().min(1).max(100_000),
        price: z.number().min(0),
      }),
    )
    .max(64),
})
export type Prices = z.infer<typeof Prices>
export type PricedMachine = Prices['machines'][number]

/** Apple's list prices in the United States, 2025. `exo plan --print-prices` writes them as a file to edit. */
export const LIST_PRICES: Prices = {
  currency: 'USD',
  cable: 69,
  machines: [
    { name: 'Mac mini', chip: 'Apple M4', gpuCores: 10, memoryGigabytes: 16, price: 599 },
    { name: 'Mac mini', chip: 'Apple M4', gpuCores: 10, memoryGigabytes: 32, price: 999 },
    { name: 'Mac mini', chip: 'Apple M4 Pro', gpuCores: 16, memoryGigabytes: 24, price: 1399 },
    { name: 'Mac mini', chip: 'Apple M4 Pro', gpuCores: 20, memoryGigabytes: 64, price: 2199 },
    { name: 'Mac Studio', chip: 'Apple M4 Max', gpuCores: 32, memoryGigabytes: 36, price: 1999 },
    { name: 'Mac Studio', chip: 'Apple M4 Max', gpuCores: 40, memoryGigabytes: 64, price: 2699 },
    { name: 'Mac Studio', chip: 'Apple M4 Max', gpuCores: 40, memoryGigabytes: 128, price: 3499 },
    { name: 'Mac Studio', chip: 'Apple M3 Ultra', gpuCores: 60, memoryGigabytes: 96, price: 3999 },
    { name: 'Mac Studio', chip: 'Apple M3 Ultra', gpuCores: 60, memoryGigabytes: 256, price: 5599 },
    { name: 'Mac Studio', chip: 'Apple M3 Ultra', gpuCores: 80, memoryGigabytes: 512, price: 9499 },
  ],
}
