import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { betterPlacement } from './better-placement.ts'
import type { UseLog } from './track-uses.ts'

/** How long a better path must exist before it is used. */
export const STANDS_MS = 30_000
/** How often placements are compared. */
const LOOK_EACH_MS = 2_000
/** An instance that was used within this time is not idle. */
const IDLE_MS = 3_000

interface BetterPath {
  readonly signature: string
  readonly sinceMs: number
  /** It was tried and did not last. It is tried again only after it has disappeared and returned. */
  readonly wasTried: boolean
}

export interface BetterPaths {
  readonly lookedAtMs: number
  readonly byInstance: ReadonlyMap<InstanceId, BetterPath>
  /** Instances to be placed this way now. */
  readonly due: Readonly<Record<InstanceId, Placement>>
}

export const NO_BETTER_PATHS: BetterPaths = { lookedAtMs: -Infinity, byInstance: new Map(), due: {} }

/** The idle instances that have had a much better path for long enough. @param nowMs - time of a monotonic clock */
export function trackBetterPaths(
  state: ClusterState,
  uses: UseLog,
  availableBytes: Readonly<Record<NodeId, number>>,
  before: BetterPaths,
  nowMs: number,
): BetterPaths {
  if (nowMs - before.lookedAtMs < LOOK_EACH_MS) return { ...before, due: {} }
  const due: Record<InstanceId, Placement> = {}
  const byInstance = new Map<InstanceId, BetterPath>()
  for (const instance of Object.values<InstanceState>(state.instances)) {
    const { instanceId, status } = instance
    const known = before.byInstance.get(instanceId)
    if (status !== 'ready') {
      if (known && status !== 'failed') byInstance.set(instanceId, known)
      continue
    }
    const better = betterPlacement(state, instance, availableBytes)
    if (!better) continue
    const { backend, jacclRing, addressMatrix, shards } = better
    const signature = JSON.stringify([backend, jacclRing, addressMatrix, shards.map(({ nodeId }) => nodeId)])
    const path = known?.signature === signature ? known : { signature, sinceMs: nowMs, wasTried: false }
    const use = uses.get(instanceId)
    const isIdle = use !== undefined && !use.isBusy && nowMs - use.usedAtMs >= IDLE_MS
    const isDue = isIdle && !path.wasTried && nowMs - path.sinceMs >= STANDS_MS
    if (isDue) due[instanceId] = better
    byInstance.set(instanceId, isDue ? { ...path, wasTried: true } : path)
  }
  return { lookedAtMs: nowMs, byInstance, due }
}
