import { type ActivityLog, findIdleInstances } from '../../domain/instance/uses/find-idle-instances.ts'
import { settledKeeps } from '../../domain/instance/uses/settled-keeps.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { ModelSettings } from '../../shared/models/model-settings.ts'
import type { ShardStats } from '../../shared/shard.ts'
import type { InstanceKeep } from '../../shared/wire/peer/node-report.ts'
import type { ClusterControl } from './cluster-control.ts'

const IDLE_CHECK_MS = 1_000

export interface UnloadIdleInstancesDependencies {
  readonly control: Pick<ClusterControl, 'state' | 'remove'>
  readonly idleUnloadMs: number
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'error'>
  stats(): readonly { readonly instanceId: InstanceId; readonly stats: ShardStats }[]
  keeps(): ReadonlyMap<InstanceId, InstanceKeep>
  settings(): Promise<ReadonlyMap<string, ModelSettings>>
}

/** Checks every second, until `signal` aborts, for instances that were idle for their keep-alive time, and removes them. */
export function unloadIdleInstances(
  { control, idleUnloadMs, clock, log, stats, keeps, settings }: UnloadIdleInstancesDependencies,
  signal: AbortSignal,
): void {
  let activity: ActivityLog = new Map()
  const unload = async (instanceId: InstanceId): Promise<void> => {
    log.info('unloading an idle model', { instanceId })
    await control.remove(instanceId, 'it was idle', signal)
  }
  const check = async (): Promise<void> => {
    const settled = settledKeeps(control.state(), keeps(), await settings())
    const found = findIdleInstances(control.state(), stats(), activity, clock.now(), idleUnloadMs, settled)
    activity = found.activity
    for (const instanceId of found.idle) unload(instanceId).catch((error: unknown) => log.error('unloading failed', { instanceId, error }))
  }
  clock.every(IDLE_CHECK_MS, () => void check().catch((error: unknown) => log.error('could not check for idle models', { error })), signal)
}
