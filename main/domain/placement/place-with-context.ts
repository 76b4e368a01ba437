import type { ModelCard } from '../../shared/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { placeInstance } from './place-instance.ts'
import { PlacementError } from './placement-error.ts'

/** As much as agents need: for more of it no further node is taken than this needs. */
const AGENT_CONTEXT_TOKENS = 32_768

/** How many nodes a model needs that nobody asked a context of; null: it does not go anywhere as it is. */
function nodesNeeded(card: ModelCard, topology: Topology, request: PlacementRequest): number | null {
  try {
    return placeInstance(card, topology, { ...request, contextTokens: Math.min(AGENT_CONTEXT_TOKENS, card.contextTokens, request.contextTokens) }).shards.length
  } catch (error) {
    if (error instanceof PlacementError) return null
    throw error
  }
}

/**
 * Places a model with the context that was asked for or, where that does not fit and less is allowed, with half of it
 * again and again down to `minContextTokens`. A context that nobody asked for takes no more nodes for its own sake.
 *
 * @throws PlacementError when no context fits: of the longest one, or of what agents need where nobody asked for more
 */
export function placeWithContext(card: ModelCard, topology: Topology, request: PlacementRequest): Placement {
  const wantedTokens = Math.min(request.contextTokens, card.contextTokens)
  const mostNodes = request.minContextTokens === undefined || wantedTokens <= AGENT_CONTEXT_TOKENS ? null : nodesNeeded(card, topology, request)
  let firstError: PlacementError | null = null
  let shownError: PlacementError | null = null
  for (let contextTokens = wantedTokens; ; contextTokens = Math.max(request.minContextTokens ?? wantedTokens, Math.floor(contextTokens / 2))) {
    try {
      const placement = placeInstance(card, topology, { ...request, contextTokens })
      if (mostNodes !== null && contextTokens > AGENT_CONTEXT_TOKENS && placement.shards.length > mostNodes) {
        firstError ??= new PlacementError('not-enough-memory', `Not enough memory on ${mostNodes === 1 ? 'one node' : `${mostNodes} nodes`} for ${contextTokens} tokens of context.`)
        continue
      }
      if (!firstError) return placement
      const fallback = { from: `${wantedTokens} tokens of context`, to: `${contextTokens} tokens`, reason: firstError.message }
      return { ...placement, fallbacks: [...placement.fallbacks, fallback] }
    } catch (error) {
      if (!(error instanceof PlacementError)) throw error
      firstError ??= error
      if (request.minContextTokens === undefined || contextTokens <= AGENT_CONTEXT_TOKENS) shownError ??= error
      if (error.code !== 'not-enough-memory' || contextTokens <= (request.minContextTokens ?? wantedTokens)) throw shownError ?? error
    }
  }
}
