import { LOAD_STALL_MS, type LoadLog, NO_LOADS, stalledLoads, trackLoads } from '../../domain/instance/track-loads.ts'
import type { Clock } from '../../platform/clock.ts'
import { AppError } from '../../shared/app-error.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import { ownValue } from '../../shared/own-value.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import type { ClusterControl } from './cluster-control.ts'

const LOOK_MS = 5_000
/** A leader places a model elsewhere as soon as a part of it stands still. */
const GRACE_MS = LOAD_STALL_MS
/** A leader gives a model up after few attempts, so one that is placed again this often is never loaded. */
const MOST_PLACEMENTS = 12

export interface AwaitAbandonedDependencies {
  readonly nodeId: NodeId
  readonly cluster: Pick<ClusterControl, 'state' | 'leaderName'>
  /** The latest samples of all nodes. */
  samples(): ReadonlyMap<NodeId, NodeSample>
  readonly clock: Pick<Clock, 'now' | 'sleep'>
}

/**
 * Resolves if a model that is placed does not load and the leader does not react, with the error for those who wait for it.
 * Rejects with the reason of `signal`.
 */
export async function awaitAbandoned(
  { nodeId, cluster, samples, clock }: AwaitAbandonedDependencies,
  instanceId: InstanceId,
  signal: AbortSignal,
): Promise<AppError> {
  let log: LoadLog = NO_LOADS
  let stalledSinceMs: number | null = null
  const epochs = new Set<number>()
  for (;;) {
    await clock.sleep(LOOK_MS, signal)
    const state = cluster.state()
    const instance = ownValue(state.instances, instanceId)
    if (!instance) continue
    const nowMs = clock.now()
    log = trackLoads({ ...state, instances: { [instanceId]: instance } }, samples(), log, nodeId, nowMs)
    const stalled = stalledLoads(state, log, nodeId, nowMs)[instanceId]
    stalledSinceMs = stalled ? (stalledSinceMs ?? nowMs) : null
    epochs.add(instance.epoch)
    const leader = cluster.leaderName()
    if (stalled && stalledSinceMs !== null && nowMs - stalledSinceMs >= GRACE_MS) {
      const name = ownValue(state.nodes, stalled.nodeId)?.name ?? stalled.nodeId
      const why =
        leader === null ? 'and no machine leads the cluster.' : `and ${leader}, which leads the cluster, did not place it elsewhere.`
      return abandoned(instanceId, `${name} did not load its part of the model, ${why} Restart exo on these machines.`)
    }
    if (epochs.size > MOST_PLACEMENTS)
      return abandoned(
        instanceId,
        `The model was placed ${MOST_PLACEMENTS} times and never loaded. Restart exo on ${leader ?? 'the machine that leads'}.`,
      )
  }
}

const abandoned = (instanceId: InstanceId, message: string): AppError => new AppError('instance-failed', message, { instanceId })
