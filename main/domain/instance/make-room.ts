import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { placeWithContext } from '../placement/place-with-context.ts'
import { PlacementError } from '../placement/placement-error.ts'
import type { InstanceUse, UseLog } from './uses/track-uses.ts'

/** A request that has just arrived is not in any sample yet. */
const SEEN_BUSY_WITHIN_MS = 1_500

export interface RoomFacts {
  readonly availableBytes: Readonly<Record<NodeId, number>>
  readonly uses: UseLog
  /** The instances that clients want to keep, in addition to pinned ones. */
  readonly kept?: ReadonlySet<InstanceId>
  readonly nowMs: number
}

/**
 * Places a model when memory is short: idle instances that are not pinned are unloaded, least recently used first, and
 * no more than needed.
 *
 * @throws PlacementError `not-enough-memory` that names the instances that use the memory; `details.mayPass`: one of
 *   them may soon be idle
 */
export function makeRoom(
  state: ClusterState,
  card: ModelCard,
  request: PlacementRequest,
  lacking: PlacementError,
  facts: RoomFacts,
): { readonly placement: Placement; readonly unload: readonly InstanceId[] } {
  const others = Object.values<InstanceState>(state.instances).filter(
    (instance) => instance.status !== 'failed' && instance.card.modelId !== card.modelId,
  )
  const idle = others.filter((instance) => isIdle(instance, facts)).sort((a, b) => usedAtMs(a, facts) - usedAtMs(b, facts))
  const placeWithout = (unload: readonly InstanceId[]): Placement | null => {
    try {
      return placeWithContext(card, clusterTopology(state, facts.availableBytes, unload), request)
    } catch (error) {
      if (error instanceof PlacementError) return null
      throw error
    }
  }
  for (const count of idle.keys()) {
    let unload = idle.slice(0, count + 1).map(({ instanceId }) => instanceId)
    let placement = placeWithout(unload)
    if (!placement) continue
    // Some of them may be on nodes where nothing was needed; the most recently used ones are spared first.
    for (const spared of [...unload].reverse()) {
      const fewer = unload.filter((id) => id !== spared)
      const still = placeWithout(fewer)
      if (still) [placement, unload] = [still, fewer]
    }
    return { placement, unload }
  }
  const unpinned = others.filter((instance) => !stays(instance, facts)).map(({ instanceId }) => instanceId)
  throw withHolders(lacking, others, facts, unpinned.length > idle.length && placeWithout(unpinned) !== null)
}

function stays({ instanceId, pinned }: InstanceState, { kept }: RoomFacts): boolean {
  return pinned || kept?.has(instanceId) === true
}

function isIdle(instance: InstanceState, facts: RoomFacts): boolean {
  const { uses, nowMs } = facts
  const use = uses.get(instance.instanceId)
  return (
    instance.status === 'ready' &&
    !stays(instance, facts) &&
    use !== undefined &&
    !use.isBusy &&
    nowMs - use.usedAtMs >= SEEN_BUSY_WITHIN_MS
  )
}

function usedAtMs({ instanceId }: InstanceState, { uses }: RoomFacts): number {
  return uses.get(instanceId)?.usedAtMs ?? Infinity
}

function withHolders(error: PlacementError, holders: readonly InstanceState[], facts: RoomFacts, mayPass: boolean): PlacementError {
  const holding = holders.filter(({ shards }) => shards.some(({ residentBytes }) => residentBytes > 0))
  // Memory can be promised to an instance that holds none yet, such as one that is placed again after its worker died.
  if (holding.length === 0) return new PlacementError(error.code, error.message, { ...error.details, mayPass })
  const described = holding.map((instance) => {
    const bytes = instance.shards.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
    return (
      `${instance.card.modelId} (${formatBytes(bytes)}, ` +
      `${describeUse(stays(instance, facts), facts.uses.get(instance.instanceId))}: DELETE ` +
      `/instance/${instance.instanceId})`
    )
  })
  const message = `${error.message} Memory is used by ${described.join(', ')}. Unload one in the dashboard or with that call.`
  return new PlacementError(error.code, message, {
    ...error.details,
    mayPass,
    heldBy: holding.map(({ instanceId, card }) => ({ instanceId, modelId: card.modelId })),
  })
}

function describeUse(stays: boolean, use: InstanceUse | undefined): string {
  if (stays) return 'to stay loaded'
  return use?.isBusy === false ? 'idle' : 'in use'
}
