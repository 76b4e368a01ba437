import type { KvBits } from '../../../shared/models/kv-bits.ts'
import type { ModelCard } from '../../../shared/models/model-card.ts'
import type { Fallback, PlacementRequest } from '../../../shared/placement.ts'
import { kvBitsObstacle } from './kv-element-bytes.ts'

/** The bits with which the model's KV cache is stored; absent, with the reason, if it cannot be stored as requested. */
export function keptKvBits(card: ModelCard, { kvBits }: PlacementRequest): { readonly kvBits?: KvBits; readonly fallbacks: Fallback[] } {
  if (kvBits === undefined) return { fallbacks: [] }
  const reason = kvBitsObstacle(card, kvBits)
  if (reason === null) return { kvBits, fallbacks: [] }
  return { fallbacks: [{ from: `KV cache in ${kvBits} bits`, to: 'KV cache as computed', reason }] }
}
