import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { History } from '../../history/history.ts'
import { createMetrics } from '../../metrics/create-metrics.ts'
import type { Metrics } from '../../metrics/metrics.ts'
import type { MetricsSnapshot } from '../../metrics/metrics-snapshot.ts'
import { readProcessUsage } from '../../platform/processes/process-usage.ts'
import type { Router } from '../../router/router.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import { version } from '../../shared/version.ts'
import type { ClusterControl } from '../shards/cluster-control.ts'
import type { ClusterMember } from '../member/start-cluster-member.ts'

export interface NodeMetricsDependencies {
  readonly nodeId: NodeId
  /** Returns a different member after this node changes its cluster. */
  member(): Pick<ClusterMember, 'view' | 'peers' | 'figures'>
  readonly control: Pick<ClusterControl, 'onState'>
  readonly router: Pick<Router, 'activeRequests'>
  readonly history: Pick<History, 'status'>
  readonly startedAtEpochMs: number
}

/** The metrics of this node: values counted as events happen, and values read on request. */
export function createNodeMetrics(
  { nodeId, member, control, router, history, startedAtEpochMs }: NodeMetricsDependencies,
  signal: AbortSignal,
): Metrics {
  const metrics = createMetrics({ nodeId, version, snapshot })
  let leader = leaderName()
  let epochs = new Map<InstanceId, number>()
  control.onState((state: ClusterState) => {
    const now = leaderName()
    if (now !== leader) metrics.countLeaderChange()
    leader = now
    const instances = Object.values<InstanceState>(state.instances)
    for (const { instanceId, epoch, card } of instances) if (epoch > (epochs.get(instanceId) ?? epoch)) metrics.countFailover(card.modelId)
    epochs = new Map(instances.map(({ instanceId, epoch }) => [instanceId, epoch]))
  }, signal)
  return metrics

  function leaderName(): string | null {
    return member().view().leader?.nodeId ?? null
  }

  function snapshot(): MetricsSnapshot {
    const view = member().view()
    const node = view.nodes[nodeId]
    const status = history.status()
    return {
      activeInferences: router.activeRequests(),
      ...member().figures(),
      instances: Object.values(view.instances),
      peers: member().peers(),
      leader: view.leader && { term: view.leader.term, isThisNode: view.leader.nodeId === nodeId },
      memory: { totalBytes: node?.totalBytes ?? 0, availableBytes: node?.availableBytes ?? 0 },
      history: { isOn: status.state === 'on', droppedRows: status.state === 'on' ? status.droppedRows : 0 },
      process: { ...readProcessUsage(), startedAtEpochMs },
    }
  }
}
