import type { ClusterState } from '../cluster/cluster-state.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { ShardStats } from '../../shared/shard.ts'
import type { InstanceKeep } from '../../shared/wire/peer/node-report.ts'

/** When an instance was last seen at work, and how many steps it had made by then. */
export type ActivityLog = ReadonlyMap<InstanceId, { readonly steps: number; readonly activeAtMs: number }>

/**
 * Which instances have made no step for `idleUnloadMs`, or for as long as a client has said. Those that were asked for at
 * start stay.
 *
 * @param stats - of the instances whose rank 0 is here: that node alone decides
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
