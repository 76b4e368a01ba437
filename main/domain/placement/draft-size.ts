import type { ModelCard } from '../../shared/models/model-card.ts'
import type { DraftSize, PlacementRequest } from '../../shared/placement.ts'
import { modelSizes } from './layout/model-sizes.ts'

/** CPUs cache 32-bit floats; on Metal, the caches of a draft have 16 bits but double as they grow. */
const CACHE_ELEMENT_BYTES = 4

/** The memory that a model takes as the draft of another. */
export function draftSizeOf(card: ModelCard, contextTokens: number): DraftSize {
  const { layers, kvBytesPerLayer } = modelSizes(card, contextTokens, CACHE_ELEMENT_BYTES)
  return { weightBytes: card.weightBytes, tokenBytes: Math.ceil((layers * kvBytesPerLayer) / contextTokens) }
}

/** The memory that a request's draft model takes on rank 0; 0 without one. */
export function draftBytes({ draftSize }: Pick<PlacementRequest, 'draftSize'>, contextTokens: number): number {
  return draftSize ? draftSize.weightBytes + draftSize.tokenBytes * contextTokens : 0
}
