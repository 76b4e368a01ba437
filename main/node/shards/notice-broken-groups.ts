import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { ShardReport } from '../../shared/wire/peer/node-report.ts'

/**
 * Calls `onBreak` once per epoch of each group in which a shard failed, here or elsewhere.
 *
 * @param own - the reports of this node's shards, which may not reach the leader and come back while the network fails
 */
export function noticeBrokenGroups(onBreak: () => void, own: () => readonly ShardReport[]): (state: ClusterState) => void {
  let known: ReadonlySet<string> = new Set()
  return ({ instances }) => {
    const reports = own()
    const broken = new Set(
      Object.values<InstanceState>(instances)
        .filter((instance) => isBrokenGroup(instance, reports))
        .map(({ instanceId, epoch }) => `${instanceId} ${epoch}`),
    )
    const isNews = [...broken].some((key) => !known.has(key))
    known = broken
    if (isNews) onBreak()
  }
}

function isBrokenGroup({ instanceId, epoch, placement, shards }: InstanceState, own: readonly ShardReport[]): boolean {
  const hasFailedHere = (): boolean =>
    own.some((report) => report.instanceId === instanceId && report.epoch === epoch && report.status === 'failed')
  return placement.shards.length > 1 && (shards.some(({ status }) => status === 'failed') || hasFailedHere())
}
