import type { HighRateFacts } from './cluster-view.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'

/** The latest samples of all nodes, grouped by subject. */
export function highRateFacts(samples: Iterable<NodeSample>, availableBytes: Readonly<Record<NodeId, number>>): HighRateFacts {
  const all = [...samples]
  return {
    availableBytes,
    sensors: Object.fromEntries(all.flatMap(({ nodeId, sensors }) => (sensors === undefined ? [] : [[nodeId, sensors]]))),
    rates: Object.fromEntries(all.flatMap(({ rates }) => rates.map((rate) => [rate.instanceId, rate]))),
    shards: all.flatMap(({ shards }) => shards ?? []),
    firstTokens: all.flatMap(({ firstTokens }) => firstTokens ?? []),
    downloads: all.flatMap((sample) => sample.downloads.map((download) => ({ nodeId: sample.nodeId, ...download }))),
  }
}
