import type { ClusterState } from '../../cluster/cluster-state.ts'
import type { InstanceId } from '../../../shared/ids.ts'
import type { ShardStats } from '../../../shared/shard.ts'
import type { InstanceKeep } from '../../../shared/wire/peer/node-report.ts'

/** When an instance was last seen working, and its number of steps at that time. */
export type ActivityLog = ReadonlyMap<InstanceId, { readonly steps: number; readonly activeAtMs: number }>

/**
 * The instances without a step for `idleUnloadMs`, or for as long as a client has requested. Instances requested at
 * start stay loaded.
 *
 * @param stats - the instances whose rank 0 is on this node, which alone decides about them
 */
export function findIdleInstances(
  state: ClusterState,
  stats: readonly { readonly instanceId: InstanceId; readonly stats: ShardStats }[],
  before: ActivityLog,
  nowMs: number,
  idleUnloadMs: number,
  keeps: ReadonlyMap<InstanceId, InstanceKeep> = new Map(),
): { activity: ActivityLog; idle: InstanceId[] } {
  const activity = new Map(
    stats.map(({ instanceId, stats: { steps, running, waiting } }) => {
      const known = before.get(instanceId)
      const isActive = !known || known.steps !== steps || running + waiting > 0
      return [instanceId, { steps, activeAtMs: isActive ? nowMs : known.activeAtMs }] as const
    }),
  )
  const idle = [...activity].filter(([instanceId, { activeAtMs }]) => {
    const instance = state.instances[instanceId]
    const keep = keeps.get(instanceId)
    const keepMs = keep ? keep.keepMs : idleUnloadMs > 0 ? idleUnloadMs : null
    const isAtWork = stats.some((shard) => shard.instanceId === instanceId && shard.stats.running + shard.stats.waiting > 0)
    return keepMs !== null && instance !== undefined && !instance.pinned && !isAtWork && nowMs - activeAtMs >= keepMs
  })
  return { activity, idle: idle.map(([instanceId]) => instanceId) }
}
