import type { ClusterState } from '../../cluster/cluster-state.ts'
import type { InstanceId } from '../../../shared/ids.ts'
import type { ModelSettings } from '../../../shared/models/model-settings.ts'
import type { InstanceKeep } from '../../../shared/wire/peer/node-report.ts'

/** How long idle instances stay loaded: as requested by a client, or else according to the user's setting for the model. */
export function settledKeeps(
  state: ClusterState,
  keeps: ReadonlyMap<InstanceId, InstanceKeep>,
  settings: ReadonlyMap<string, ModelSettings>,
): ReadonlyMap<InstanceId, InstanceKeep> {
  const settled = Object.values(state.instances).flatMap(({ instanceId, card }): [InstanceId, InstanceKeep][] => {
    const ttl = settings.get(card.modelId)?.ttl
    return ttl === undefined ? [] : [[instanceId, { instanceId, keepMs: ttl < 0 ? null : ttl * 1000, atEpochMs: 0 }]]
  })
  return new Map([...settled, ...keeps])
}
