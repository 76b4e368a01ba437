import type { ClusterState } from '../../../domain/cluster/cluster-state.ts'
import { ringPlace, type RingPlaceOptions } from '../../../domain/launch/ring-place.ts'
import { isPathSealed } from '../../../domain/cluster/is-path-sealed.ts'
import { groupEnvironment } from './group-environment.ts'
import { GroupKeys, type GroupKeysDependencies } from './group-keys.ts'
import { reserveLoopbackPorts } from './reserve-group-port.ts'
import type { ShardAssignment } from './shard-assignment.ts'
import type { WorkerGroup } from './worker-group.ts'

export interface JoinGroupDependencies extends Omit<GroupKeysDependencies, 'instance'> {
  readonly dataDir: string
  state(): ClusterState
  ownAddress: RingPlaceOptions['ownAddress']
}

/**
 * Sends other nodes the keys of groups whose rank 0 is on this node, and returns a function that prepares a shard's
 * worker for its group.
 */
export function createJoinGroup({
  dataDir,
  state,
  ownAddress,
  ...dependencies
}: JoinGroupDependencies): (assignment: ShardAssignment, signal: AbortSignal) => Promise<WorkerGroup> {
  const groupKeys = new GroupKeys({ ...dependencies, instance: (instanceId) => state().instances[instanceId] })
  return async (assignment, signal) => {
    const { instance, shard } = assignment
    groupKeys.keepOnly((instanceId) => state().instances[instanceId] !== undefined)
    const loopbackPorts = await reserveLoopbackPorts(instance.placement)
    const environment = await groupEnvironment(assignment, dataDir, loopbackPorts)
    if (!loopbackPorts) return { environment, ring: null }
    const keys = await groupKeys.of(assignment, signal)
    const ring = ringPlace(instance.placement, {
      rank: shard.rank,
      portByRank: instance.shards.map(({ port }) => port),
      loopbackPorts,
      keys,
      ownAddress,
      isSealed: (from, to, address) => isPathSealed(state(), from, to, address),
    })
    return { environment, ring }
  }
}
