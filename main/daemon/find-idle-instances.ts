import type { ClusterState } from '../domain/cluster/cluster-state.ts'
import type { InstanceId } from '../shared/ids.ts'
import type { ShardStats } from '../shared/shard.ts'

/** When an instance was last seen at work, and how many steps it had made by then. */
export type ActivityLog = ReadonlyMap<InstanceId, { readonly steps: number; readonly activeAtMs: number }>

/**
 * Which instances have made no step for `idleUnloadMs`. Those that were asked for at start stay.
 *
 * @param stats - of the instances whose rank 0 is here: that node alone decides
 */
export function findIdleInstances(
  state: ClusterState,
  stats: readonly { readonly instanceId: InstanceId; readonly stats: ShardStats }[],
  before: ActivityLog,
  nowMs: number,
  idleUnloadMs: number,
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
    return idleUnloadMs > 0 && instance !== undefined && !instance.pinned && nowMs - activeAtMs >= idleUnloadMs
  })
  return { activity, idle: idle.map(([instanceId]) => instanceId) }
}
