import type { InstanceId } from '../../shared/ids.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'

/** Since when the leader has seen failed shards in an epoch of an instance. */
export type FailureLog = ReadonlyMap<InstanceId, { readonly epoch: number; readonly sinceMs: number }>

/** @param nowMs - time of a monotonic clock */
export function trackFailures(state: ClusterState, before: FailureLog, nowMs: number): FailureLog {
  const failing = Object.values<InstanceState>(state.instances).filter(({ shards }) => shards.some((shard) => shard.status === 'failed'))
  return new Map(
    failing.map(({ instanceId, epoch }) => {
      const known = before.get(instanceId)
      return [instanceId, known?.epoch === epoch ? known : { epoch, sinceMs: nowMs }] as const
    }),
  )
}

/** For `LeaderFacts.failedForMs`. */
export function failedForMs(failures: FailureLog, nowMs: number): Record<InstanceId, number> {
  return Object.fromEntries([...failures].map(([instanceId, { sinceMs }]) => [instanceId, nowMs - sinceMs]))
}
