import { applyEvent } from '../domain/cluster/apply-event.ts'
import { type ClusterState, EMPTY_CLUSTER } from '../domain/cluster/cluster-state.ts'
import { reportToEvents } from '../domain/cluster/report-to-events.ts'
import { AppError } from '../shared/app-error.ts'
import { InstanceId } from '../shared/ids.ts'
import type { Placement } from '../shared/placement.ts'
import type { ClusterEvent } from '../shared/wire/cluster-event.ts'
import type { NodeReport } from '../shared/wire/node-report.ts'
import type { ClusterControl } from './cluster-control.ts'

/** A cluster of one: this node orders its own events. */
export function createSoloCluster(newId: () => string): ClusterControl & { report(report: NodeReport): void } {
  let state: ClusterState = EMPTY_CLUSTER
  const listeners = new Set<(state: ClusterState) => void>()
  let nodeId: NodeReport['node']['nodeId'] | null = null

  const apply = (events: readonly ClusterEvent[]): void => {
    const before = state
    for (const event of events) state = applyEvent(state, event)
    if (state !== before) for (const listener of [...listeners]) listener(state)
  }
  const judge = (): void => {
    for (const { instanceId, epoch, status, shards } of Object.values(state.instances)) {
      const [shard] = shards
      if (shard?.status === 'ready' && status !== 'ready') apply([{ type: 'instance-status', instanceId, epoch, status: 'ready', reasons: [] }])
      if (shard?.status === 'failed' && status !== 'failed') apply([{ type: 'instance-status', instanceId, epoch, status: 'failed', reasons: [shard.message ?? ''] }])
    }
  }
  return {
    state: () => state,
    onState(listener, signal) {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true })
    },
    report(report) {
      nodeId = report.node.nodeId
      apply(reportToEvents(state, report))
      judge()
    },
    async place(card, request, pinned) {
      const instanceId = InstanceId.parse(newId())
      if (nodeId === null) throw new AppError('no-leader', 'The node is still starting. Try again in a moment.')
      const placement: Placement = {
        strategy: 'pipeline',
        backend: 'local',
        jacclRing: false,
        contextTokens: Math.min(request.contextTokens, card.contextTokens),
        shards: [{ nodeId, rank: 0, stage: 0, layers: { start: 0, end: card.layers }, weightBytes: card.weightBytes, kvBytes: 0 }],
        rdmaMatrix: null,
        addressMatrix: [[null]],
        fallbacks: [],
      }
      apply([{ type: 'instance-created', instanceId, epoch: 1, card, request, placement, pinned }])
      return instanceId
    },
    async remove(instanceId, reason) {
      if (!state.instances[instanceId]) throw new AppError('instance-not-found', `There is no instance ${instanceId}. GET /state lists those that are.`, { instanceId })
      apply([{ type: 'instance-deleted', instanceId, reason }])
    },
  }
}
