import { ownerOfDownload } from '../../shared/models/download-id.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import { ownValue } from '../../shared/own-value.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import type { ClusterState } from './cluster-state.ts'

/**
 * The sample without values that its node cannot know: the rates of an instance are those of the node of rank 0, and the values of a
 * shard are those of its rank's node.
 */
export function ownWords(sample: NodeSample, { instances }: Pick<ClusterState, 'instances'>): NodeSample {
  const holds = (instanceId: NodeSample['rates'][number]['instanceId'], rank: number): boolean =>
    ownValue(instances, instanceId)?.placement.shards[rank]?.nodeId === sample.nodeId
  const rates = sample.rates.filter(({ instanceId }) => holds(instanceId, 0))
  const shards = sample.shards?.filter(({ instanceId, rank }) => holds(instanceId, rank))
  if (rates.length === sample.rates.length && shards?.length === sample.shards?.length) return sample
  return { ...sample, rates, ...(shards && { shards }) }
}

/** The downloads that another node reports: those with its ids, once each. Who started one is known only to the node that was asked. */
export function downloadsOf({ nodeId, downloads }: Pick<NodeSample, 'nodeId' | 'downloads'>): DownloadReport[] {
  const own = downloads.filter(({ id }) => ownerOfDownload(id) === nodeId)
  return [...new Map(own.map((report) => [report.id, withoutStarter(report)])).values()]
}

export function withoutStarter({ startedBy: _, ...report }: DownloadReport): DownloadReport {
  return report
}
