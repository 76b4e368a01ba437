import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { NodeId } from '../../shared/ids.ts'

/** Calls `onBreak` once per epoch of each group with a rank on this node in which a shard failed. */
export function noticeBrokenGroups(nodeId: NodeId, onBreak: () => void): (state: ClusterState) => void {
  let known: ReadonlySet<string> = new Set()
  return ({ instances }) => {
    const broken = new Set(
      Object.values<InstanceState>(instances)
        .filter((instance) => isBrokenHere(instance, nodeId))
        .map(({ instanceId, epoch }) => `${instanceId} ${epoch}`),
    )
    const isNews = [...broken].some((key) => !known.has(key))
    known = broken
    if (isNews) onBreak()
  }
}

function isBrokenHere({ placement, shards }: InstanceState, nodeId: NodeId): boolean {
  return (
    placement.shards.length > 1 &&
    placement.shards.some((shard) => shard.nodeId === nodeId) &&
    shards.some(({ status }) => status === 'failed')
  )
}
