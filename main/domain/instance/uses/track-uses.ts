import type { InstanceId } from '../../../shared/ids.ts'
import type { NodeSample } from '../../../shared/wire/peer/node-report.ts'
import type { ClusterState, InstanceState } from '../../cluster/cluster-state.ts'

/** When an instance was last used, as far as samples show. */
export interface InstanceUse {
  readonly usedAtMs: number
  readonly isBusy: boolean
  /** The times of the first tokens of requests. Any change means a use, even one that started and ended between two samples. */
  readonly mark: string
}

export type UseLog = ReadonlyMap<InstanceId, InstanceUse>

/** An instance that was used within this time is not idle. */
const IDLE_MS = 3_000

export function isIdle(use: InstanceUse | undefined, nowMs: number): boolean {
  return use !== undefined && !use.isBusy && nowMs - use.usedAtMs >= IDLE_MS
}

/** @param nowMs - time of a monotonic clock */
export function trackUses(state: ClusterState, samples: readonly NodeSample[], before: UseLog, nowMs: number): UseLog {
  const active = new Set<InstanceId>()
  const marks = new Map<InstanceId, string>()
  for (const { rates, firstTokens = [] } of samples) {
    for (const { instanceId, running, waiting } of rates) if (running + waiting > 0) active.add(instanceId)
    for (const { instanceId, atEpochMs } of firstTokens) marks.set(instanceId, `${marks.get(instanceId) ?? ''} ${atEpochMs}`)
  }
  return new Map(
    Object.values<InstanceState>(state.instances).map(({ instanceId, status }) => {
      const known = before.get(instanceId)
      const mark = marks.get(instanceId) ?? ''
      // A loading instance has a request waiting for it.
      const isBusy = status === 'loading' || status === 'recovering' || active.has(instanceId)
      // A node forgets old first tokens; that change does not count as a use.
      const isUsed = isBusy || !known || (mark !== '' && mark !== known.mark)
      return [instanceId, { usedAtMs: isUsed ? nowMs : known.usedAtMs, isBusy, mark }] as const
    }),
  )
}
