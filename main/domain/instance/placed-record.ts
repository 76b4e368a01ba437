import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import type { InferenceRecord, PlacedInferenceRecord } from '../../shared/inference/inference-record.ts'

/** The router's record of an inference, with the nodes that ran it. */
export function placedRecord(record: InferenceRecord, state: ClusterState): PlacedInferenceRecord {
  const instance = Object.values<InstanceState>(state.instances).find(({ instanceId }) => instanceId === record.instanceId)
  return {
    ...record,
    devices: instance?.placement.shards.length ?? 0,
    strategy: instance?.placement.strategy ?? null,
    backend: instance?.placement.backend ?? null,
  }
}
