/** A variant of an Apple chip, with the speeds that its makers state. */
export interface Chip {
  /** As macOS reports it: `Apple M4 Max`. */
  readonly name: string
  readonly gpuCores: number
  /** The memory sizes that are sold with this variant. */
  readonly memoryGigabytes: readonly number[]
  /** Of the memory. */
  readonly bytesPerSecond: number
  /** Floating-point operations for the multiplication of matrices of 16-bit numbers. */
  readonly flopsPerSecond: number
  /** The time to start the kernels of one layer. */
  readonly layerSeconds: number
  /** Cores on two dies share the memory less evenly. */
  readonly dies: 1 | 2
}

interface Generation {
  /** Clock of the GPU. Source: Apple's TFLOPS of a variant, divided by its cores and 256 operations per cycle. */
  readonly gigahertz: number
  /** Operations on matrices relative to those on vectors: 1 without neural accelerators in the GPU. */
  readonly matrixFactor: number
  /** Found from the published points, see `published-points.ts`. */
  readonly layerMicroseconds: number
}

const GENERATIONS = {
  M1: { gigahertz: 1.278, matrixFactor: 1, layerMicroseconds: 70 },
  M2: { gigahertz: 1.398, matrixFactor: 1, layerMicroseconds: 55 },
  M3: { gigahertz: 1.38, matrixFactor: 1, layerMicroseconds: 50 },
  M4: { gigahertz: 1.578, matrixFactor: 1, layerMicroseconds: 40 },
  // Apple, "Exploring LLMs with MLX and the Neural Accelerators in the M5 GPU" (2025): up to 4 times the M4's prompts.
  M5: { gigahertz: 1.62, matrixFactor: 3.8, layerMicroseconds: 35 },
} as const satisfies Record<string, Generation>

type Row = readonly [name: string, gpuCores: number, gigabytesPerSecond: number, memoryGigabytes: readonly number[]]

/**
 * Source: Apple's technical specifications of the Mac models with each chip (support.apple.com/specs), which state GPU
 * cores, memory and its bandwidth.
 */
const ROWS: readonly Row[] = [
  ['M1', 7, 68, [8, 16]],
  ['M1', 8, 68, [8, 16]],
  ['M1 Pro', 14, 200, [16, 32]],
  ['M1 Pro', 16, 200, [16, 32]],
  ['M1 Max', 24, 400, [32, 64]],
  ['M1 Max', 32, 400, [32, 64]],
  ['M1 Ultra', 48, 800, [64, 128]],
  ['M1 Ultra', 64, 800, [64, 128]],
  ['M2', 8, 100, [8, 16, 24]],
  ['M2', 10, 100, [8, 16, 24]],
  ['M2 Pro', 16, 200, [16, 32]],
  ['M2 Pro', 19, 200, [16, 32]],
  ['M2 Max', 30, 400, [32, 64]],
  ['M2 Max', 38, 400, [32, 64, 96]],
  ['M2 Ultra', 60, 800, [64, 128, 192]],
  ['M2 Ultra', 76, 800, [64, 128, 192]],
  ['M3', 8, 100, [8, 16, 24]],
  ['M3', 10, 100, [8, 16, 24]],
  ['M3 Pro', 14, 150, [18, 36]],
  ['M3 Pro', 18, 150, [18, 36]],
  ['M3 Max', 30, 300, [36, 96]],
  ['M3 Max', 40, 400, [48, 64, 128]],
  ['M3 Ultra', 60, 819, [96, 256]],
  ['M3 Ultra', 80, 819, [96, 256, 512]],
  ['M4', 8, 120, [16, 24]],
  ['M4', 10, 120, [16, 24, 32]],
  ['M4 Pro', 16, 273, [24, 48, 64]],
  ['M4 Pro', 20, 273, [24, 48, 64]],
  ['M4 Max', 32, 410, [36]],
  ['M4 Max', 40, 546, [48, 64, 128]],
  ['M5', 8, 153, [16, 24]],
  ['M5', 10, 153, [16, 24, 32]],
  ['M5 Pro', 16, 307, [24, 48, 64]],
  ['M5 Pro', 20, 307, [24, 48, 64]],
  ['M5 Max', 32, 460, [36]],
  ['M5 Max', 40, 614, [48, 64, 128]],
]

/** Two dies synchronize before each kernel. */
const TWO_DIES_FACTOR = 1.4

export const CHIPS: readonly Chip[] = ROWS.map(([name, gpuCores, gigabytesPerSecond, memoryGigabytes]) => {
  const { gigahertz, matrixFactor, layerMicroseconds } = GENERATIONS[name.slice(0, 2) as keyof typeof GENERATIONS]
  const dies = name.endsWith('Ultra') ? 2 : 1
  return {
    name: `Apple ${name}`,
    gpuCores,
    memoryGigabytes,
    bytesPerSecond: gigabytesPerSecond * 1e9,
    flopsPerSecond: gpuCores * 256 * gigahertz * 1e9 * matrixFactor,
    layerSeconds: layerMicroseconds * 1e-6 * (dies === 2 ? TWO_DIES_FACTOR : 1),
    dies,
  }
})

/** What is known of a machine's chip. */
export interface ChipFacts {
  readonly chip?: string | undefined
  readonly gpuCores?: number | undefined
  readonly totalBytes: number
}

/** The variants that a machine may have: one if it states its GPU cores or its memory tells; empty if its chip is unknown. */
export function chipsOf({ chip, gpuCores, totalBytes }: ChipFacts): readonly Chip[] {
  const name = `Apple ${(chip ?? '').replace(/^apple\s+/i, '').trim()}`.toLowerCase()
  const named = CHIPS.filter((each) => each.name.toLowerCase() === name)
  const exact = named.filter((each) => each.gpuCores === gpuCores)
  if (exact.length > 0) return exact
  const isOfSize = ({ memoryGigabytes }: Chip): boolean =>
    memoryGigabytes.some((gigabytes) => [1e9, 2 ** 30].some((unit) => Math.abs(totalBytes / unit - gigabytes) < 0.5))
  const ofSize = named.filter(isOfSize)
  return ofSize.length > 0 ? ofSize : named
}
