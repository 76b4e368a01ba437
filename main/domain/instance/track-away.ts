import type { InstanceId } from '../../shared/ids.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { isIdle, type UseLog } from './uses/track-uses.ts'

/** Since when an idle instance has lacked a node. */
export type AwayLog = ReadonlyMap<InstanceId, number>

/** A node that lost its network returns within this time, with its worker and its connections intact. */
const AWAIT_MS = 10_000

/** The ready instances that lack a node which they need not yet do without. @param nowMs - time of a monotonic clock */
export function trackAway(state: ClusterState, uses: UseLog, before: AwayLog, nowMs: number): AwayLog {
  const away = Object.values<InstanceState>(state.instances).filter((instance) => instance.status === 'ready' && lacksNode(state, instance))
  return new Map(
    away
      .filter(({ instanceId }) => before.has(instanceId) || isIdle(uses.get(instanceId), nowMs))
      .map(({ instanceId }) => [instanceId, before.get(instanceId) ?? nowMs]),
  )
}

/** For `LeaderFacts.awaiting`. */
export function awaiting(away: AwayLog, nowMs: number): ReadonlySet<InstanceId> {
  return new Set([...away].filter(([, sinceMs]) => nowMs - sinceMs < AWAIT_MS).map(([instanceId]) => instanceId))
}

export function lacksNode({ nodes }: Pick<ClusterState, 'nodes'>, { placement }: InstanceState): boolean {
  return placement.shards.some(({ nodeId }) => !nodes[nodeId])
}
