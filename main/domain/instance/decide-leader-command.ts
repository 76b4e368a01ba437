import { AppError } from '../../shared/app-error.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { Topology } from '../../shared/topology.ts'
import type { ClusterEvent } from '../../shared/wire/cluster-event.ts'
import type { LeaderAnswer, LeaderCommand } from '../../shared/wire/leader-command.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { placeWithContext } from '../placement/place-with-context.ts'

/**
 * What the leader logs for a command.
 *
 * @param newInstanceId - for the instance, if one is made
 * @throws PlacementError, or AppError `instance-not-found`
 */
export function decideLeaderCommand(
  state: ClusterState,
  topology: Topology,
  command: LeaderCommand,
  newInstanceId: InstanceId,
): { readonly answer: LeaderAnswer; readonly events: readonly ClusterEvent[] } {
  if (command.type === 'delete-instance') {
    const { instanceId, reason } = command
    if (!state.instances[instanceId]) throw new AppError('instance-not-found', `There is no instance ${instanceId}. GET /state lists those that are.`, { instanceId })
    return { answer: { instanceId }, events: [{ type: 'instance-deleted', instanceId, reason }] }
  }
  const { card, request, pinned, reuse } = command
  const serving = reuse ? Object.values<InstanceState>(state.instances).find((instance) => serves(instance, command)) : undefined
  if (serving) return { answer: { instanceId: serving.instanceId }, events: [] }
  const placement = placeWithContext(card, topology, request)
  return {
    answer: { instanceId: newInstanceId },
    events: [{ type: 'instance-created', instanceId: newInstanceId, epoch: 1, card, request, placement, pinned }],
  }
}

function serves({ card, placement, status }: InstanceState, wanted: Extract<LeaderCommand, { type: 'place-instance' }>): boolean {
  const { onlyNodes } = wanted.request
  return card.modelId === wanted.card.modelId && status !== 'failed' && (!onlyNodes || placement.shards.every(({ nodeId }) => onlyNodes.includes(nodeId)))
}
