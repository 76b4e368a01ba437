import type { InstanceId, NodeId } from '../../../shared/ids.ts'
import type { Placement } from '../../../shared/placement.ts'
import type { ClusterState, InstanceState } from '../../cluster/cluster-state.ts'
import { betterPlacement } from '../better-placement.ts'
import { isIdle, type UseLog } from '../uses/track-uses.ts'

/** How long a better path must exist before it is used. */
export const STANDS_MS = 30_000
/** How often placements are compared. */
const LOOK_EACH_MS = 2_000

interface BetterPath {
  /** The kind of group. Rank order and addresses are left out: they change with each report of free memory and each measurement. */
  readonly transport: string
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
    const transport = `${better.backend} ${better.jacclRing ? 'ring' : 'mesh'}`
    const path = known?.transport === transport ? known : { transport, sinceMs: nowMs, wasTried: false }
    const isDue = isIdle(uses.get(instanceId), nowMs) && !path.wasTried && nowMs - path.sinceMs >= STANDS_MS
    if (isDue) due[instanceId] = better
    byInstance.set(instanceId, isDue ? { ...path, wasTried: true } : path)
  }
  return { lookedAtMs: nowMs, byInstance, due }
}
