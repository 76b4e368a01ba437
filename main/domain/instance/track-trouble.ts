import type { InstanceId } from '../../shared/ids.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { goneAddress } from './paths/gone-address.ts'

/** Since when an instance has not been able to answer, across all its placements. */
export type TroubleLog = ReadonlyMap<InstanceId, number>

/** @param nowMs - time of a monotonic clock */
export function trackTrouble(state: ClusterState, before: TroubleLog, nowMs: number): TroubleLog {
  const troubled = Object.values<InstanceState>(state.instances).filter(
    (instance) => instance.status !== 'failed' && (instance.status !== 'ready' || goneAddress(state, instance) !== null),
  )
  return new Map(troubled.map(({ instanceId }) => [instanceId, before.get(instanceId) ?? nowMs]))
}

/** For `LeaderFacts.troubledForMs`. */
export function troubledForMs(troubles: TroubleLog, nowMs: number): Record<InstanceId, number> {
  return Object.fromEntries([...troubles].map(([instanceId, sinceMs]) => [instanceId, nowMs - sinceMs]))
}
