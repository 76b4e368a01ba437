import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'

/**
 * The card of a model that the cluster was asked to load, or `as a draft` if it is the draft model of another; null if
 * it was not requested.
 */
export function placedModel({ instances }: Pick<ClusterState, 'instances'>, modelId: ModelId): ModelCard | 'as a draft' | null {
  const placed = Object.values<InstanceState>(instances)
  const own = placed.find(({ card }) => card.modelId === modelId)
  if (own) return own.card
  return placed.some(({ request }) => request.draftModelId === modelId) ? 'as a draft' : null
}
