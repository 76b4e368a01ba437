import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'

/** Calls `onBreak` once per epoch of each group in which a shard failed, here or elsewhere. */
export function noticeBrokenGroups(onBreak: () => void): (state: ClusterState) => void {
  let known: ReadonlySet<string> = new Set()
  return ({ instances }) => {
    const broken = new Set(
      Object.values<InstanceState>(instances)
        .filter(isBrokenGroup)
        .map(({ instanceId, epoch }) => `${instanceId} ${epoch}`),
    )
    const isNews = [...broken].some((key) => !known.has(key))
    known = broken
    if (isNews) onBreak()
  }
}

function isBrokenGroup({ placement, shards }: InstanceState): boolean {
  return placement.shards.length > 1 && shards.some(({ status }) => status === 'failed')
}
