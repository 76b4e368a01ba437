import type { ClusterState, InstanceState } from '../domain/cluster/cluster-state.ts'
import type { HistoryEntry } from '../history/history.ts'
import type { InferenceRecord } from '../router/router.ts'

/** What the history keeps of an inference: the router's record and where it ran. */
export function toHistoryEntry(record: InferenceRecord, state: ClusterState): HistoryEntry {
  const instance = Object.values<InstanceState>(state.instances).find(({ instanceId }) => instanceId === record.instanceId)
  return {
    ...record,
    devices: instance?.placement.shards.length ?? 0,
    strategy: instance?.placement.strategy ?? null,
    backend: instance?.placement.backend ?? null,
  }
}
