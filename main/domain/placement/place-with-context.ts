import type { ModelCard } from '../../shared/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { placeInstance } from './place-instance.ts'
import { PlacementError } from './placement-error.ts'

/**
 * Places a model with the context that was asked for or, where that does not fit and less is allowed, with half of it
 * again and again down to `minContextTokens`.
 *
 * @throws PlacementError of the longest context when no context fits
 */
export function placeWithContext(card: ModelCard, topology: Topology, request: PlacementRequest): Placement {
  const wantedTokens = Math.min(request.contextTokens, card.contextTokens)
  let firstError: PlacementError | null = null
  for (let contextTokens = wantedTokens; ; contextTokens = Math.max(request.minContextTokens ?? wantedTokens, Math.floor(contextTokens / 2))) {
    try {
      const placement = placeInstance(card, topology, { ...request, contextTokens })
      if (!firstError) return placement
      const fallback = { from: `${wantedTokens} tokens of context`, to: `${contextTokens} tokens`, reason: firstError.message }
      return { ...placement, fallbacks: [...placement.fallbacks, fallback] }
    } catch (error) {
      if (!(error instanceof PlacementError)) throw error
      firstError ??= error
      if (error.code !== 'not-enough-memory' || contextTokens <= (request.minContextTokens ?? wantedTokens)) throw firstError
    }
  }
}
