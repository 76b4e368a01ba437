import type { CatalogueRow } from './model-listing.ts'

/** Memory of all machines together, in bytes. */
export interface ClusterMemory {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** `tight`: it would fit if other programs were closed. `unknown`: the model's size is not known. */
export type Fit = 'fits' | 'tight' | 'never' | 'unknown'

/** The share of the memory that placements leave free unless told otherwise. */
const HEADROOM_RATIO = 0.1

/** The memory that a machine needs to hold these weights, in bytes. */
export const neededBytes = (weightBytes: number): number => Math.ceil(weightBytes / (1 - HEADROOM_RATIO))

/** Whether the weights alone fit into the memory of all machines. Only the placement preview is exact. */
export function fitOf(weightBytes: number | null | undefined, { freeBytes, totalBytes }: ClusterMemory): Fit {
  if (weightBytes === null || weightBytes === undefined) return 'unknown'
  const needed = neededBytes(weightBytes)
  return needed <= freeBytes ? 'fits' : needed <= totalBytes ? 'tight' : 'never'
}

/** A model that is comfortable leaves room for its cache and for other programs. */
const COMFORT_RATIO = 0.75
const MOST_USEFUL_BITS = 8

/** The quantization that is offered first: one that is loaded or here, else the best one that fits well, else the smallest. */
export function preferredVariant<Row extends CatalogueRow>(variants: readonly Row[], memory: ClusterMemory): Row | undefined {
  const inUse = variants.find(({ loaded }) => loaded) ?? variants.find(({ isHere }) => isHere)
  const fitting = variants.filter(
    ({ card }) =>
      card !== undefined && card.weightBytes <= memory.freeBytes * COMFORT_RATIO && (card.quantization?.bits ?? 16) <= MOST_USEFUL_BITS,
  )
  return inUse ?? fitting.at(-1) ?? variants[0]
}
