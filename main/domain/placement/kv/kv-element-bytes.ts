import type { KvBits } from '../../../shared/models/kv-bits.ts'
import type { ModelCard } from '../../../shared/models/model-card.ts'

/** On Metal, keys and values are stored in the model's type: 16-bit floats. */
export const METAL_KV_ELEMENT_BYTES = 2
/** The CPU kernels store them in the type in which they compute. */
const CPU_KV_ELEMENT_BYTES = 4
/** Numbers of a head that share a scale and a bias, if the size of a head allows it. */
const GROUP_SIZES = [64, 32] as const

const groupSizeOf = ({ headDim }: ModelCard): number | undefined => GROUP_SIZES.find((size) => headDim % size === 0)

/** Why the model's KV cache cannot be stored in so many bits; null: it can. */
export function kvBitsObstacle(card: ModelCard, kvBits: KvBits): string | null {
  if (card.kvLatentDim !== undefined) return 'the model stores latents, which are small already'
  return kvBits < 16 && groupSizeOf(card) === undefined ? `its heads have ${card.headDim} numbers, which is not a multiple of 32` : null
}

/**
 * Bytes per number of the KV cache on a machine; a machine without facts counts as a Mac.
 *
 * @param kvBits - absent: as computed
 */
export function kvElementBytes(card: ModelCard, platform: string | undefined, kvBits?: KvBits): number {
  const computedBytes = platform === undefined || platform === 'darwin' ? METAL_KV_ELEMENT_BYTES : CPU_KV_ELEMENT_BYTES
  if (kvBits === 16) return METAL_KV_ELEMENT_BYTES
  const groupSize = groupSizeOf(card)
  return kvBits === undefined || groupSize === undefined ? computedBytes : kvBits / 8 + (2 * computedBytes) / groupSize
}
