import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { placeInstance } from './place-instance.ts'
import { PlacementError } from './placement-error.ts'

/** The context length that agents need. A longer context that was not requested uses no more nodes than this. */
const AGENT_CONTEXT_TOKENS = 32_768

/**
 * The number of nodes that the model needs with the context of agents, or with its own or the requested one if that is
 * shorter; null: it cannot be placed.
 */
function nodesNeeded(card: ModelCard, topology: Topology, request: PlacementRequest): number | null {
  try {
    return placeInstance(card, topology, {
      ...request,
      contextTokens: Math.min(AGENT_CONTEXT_TOKENS, card.contextTokens, request.contextTokens),
    }).shards.length
  } catch (error) {
    if (error instanceof PlacementError) return null
    throw error
  }
}

/**
 * Places a model with the requested context or, if that does not fit and less is allowed, halves it repeatedly down to
 * `minContextTokens`. A context that was not requested uses no extra nodes.
 *
 * @throws PlacementError if no context fits: the error for the requested context or, without a request, for the one
 *   that agents need
 */
export function placeWithContext(card: ModelCard, topology: Topology, request: PlacementRequest): Placement {
  const wantedTokens = Math.min(request.contextTokens, card.contextTokens)
  const mostNodes =
    request.minContextTokens === undefined || wantedTokens <= AGENT_CONTEXT_TOKENS ? null : nodesNeeded(card, topology, request)
  let firstError: PlacementError | null = null
  let shownError: PlacementError | null = null
  for (
    let contextTokens = wantedTokens;
    ;
    contextTokens = Math.max(request.minContextTokens ?? wantedTokens, Math.floor(contextTokens / 2))
  ) {
    try {
      const placement = placeInstance(card, topology, { ...request, contextTokens })
      if (mostNodes !== null && contextTokens > AGENT_CONTEXT_TOKENS && placement.shards.length > mostNodes) {
        firstError ??= new PlacementError(
          'not-enough-memory',
          `Not enough memory on ${mostNodes === 1 ? 'one node' : `${mostNodes} nodes`} for ${contextTokens} tokens of context.`,
        )
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
