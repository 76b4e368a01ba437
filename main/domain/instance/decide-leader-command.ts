import { AppError } from '../../shared/app-error.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import type { LeaderAnswer, LeaderCommand } from '../../shared/wire/peer/leader-command.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { PlacementError } from '../placement/placement-error.ts'
import { placeTightly } from '../placement/place-tightly.ts'
import { placeForGoal } from '../speed/place-for-goal.ts'
import { lacksNode } from './track-away.ts'
import { makeRoom, type RoomFacts } from './make-room.ts'

/** Each instance costs every node memory for its state, and its nodes a process, however small its model is. */
export const MOST_INSTANCES = 128

type PlaceCommand = Extract<LeaderCommand, { type: 'place-instance' }>

/**
 * The events that the leader logs for a command.
 *
 * @param newInstanceId - the id of the instance, if one is created
 * @param room - the facts with which idle instances make way for it; absent: none makes way
 * @throws PlacementError, or AppError `instance-not-found` | `too-many-instances`
 */
export function decideLeaderCommand(
  state: ClusterState,
  topology: Topology,
  command: LeaderCommand,
  newInstanceId: InstanceId,
  room?: RoomFacts,
): { readonly answer: LeaderAnswer; readonly events: readonly ClusterEvent[] } {
  if (command.type === 'delete-instance') {
    const { instanceId, reason } = command
    if (!state.instances[instanceId])
      throw new AppError('instance-not-found', `Instance ${instanceId} does not exist. GET /state lists the instances.`, { instanceId })
    return { answer: { instanceId }, events: [{ type: 'instance-deleted', instanceId, reason }] }
  }
  const { card, request, pinned, reuse } = command
  const serving = reuse ? Object.values<InstanceState>(state.instances).find((instance) => serves(instance, command)) : undefined
  if (serving) return { answer: { instanceId: serving.instanceId }, events: lacksNode(state, serving) ? recovering(serving) : [] }
  if (Object.keys(state.instances).length >= MOST_INSTANCES)
    throw new AppError('too-many-instances', `The cluster has ${MOST_INSTANCES} placed models. Unload some of them first (exo unload).`)
  const { placement, unload } = place(state, topology, command, room)
  return {
    answer: { instanceId: newInstanceId },
    events: [
      ...unload.map(
        (instanceId): ClusterEvent => ({
          type: 'instance-deleted',
          instanceId,
          reason: `it was idle, and ${card.modelId} needed its memory`,
        }),
      ),
      { type: 'instance-created', instanceId: newInstanceId, epoch: 1, card, request, placement, pinned },
    ],
  }
}

/** A request needs it now, so the leader waits no longer for the node that it lacks. */
function recovering({ instanceId, epoch, status, reasons }: InstanceState): ClusterEvent[] {
  return status === 'ready' ? [{ type: 'instance-status', instanceId, epoch, status: 'recovering', reasons }] : []
}

function place(
  state: ClusterState,
  topology: Topology,
  { card, request }: PlaceCommand,
  room: RoomFacts | undefined,
): { placement: Placement; unload: readonly InstanceId[] } {
  try {
    return { placement: placeForGoal(card, topology, request), unload: [] }
  } catch (error) {
    if (!(error instanceof PlacementError) || error.code !== 'not-enough-memory') throw error
    const isEmpty = Object.values<InstanceState>(state.instances).every(({ status }) => status === 'failed')
    if (isEmpty) return { placement: placeTightly(card, topology, request, error), unload: [] }
    // Several instances may be placed on chosen nodes at once, and would make way for each other.
    if (!room || request.onlyNodes) throw error
    return makeRoom(state, card, request, error, room)
  }
}

function serves({ card, placement, status }: InstanceState, wanted: PlaceCommand): boolean {
  const { onlyNodes } = wanted.request
  return (
    card.modelId === wanted.card.modelId &&
    status !== 'failed' &&
    (!onlyNodes || placement.shards.every(({ nodeId }) => onlyNodes.includes(nodeId)))
  )
}
