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
