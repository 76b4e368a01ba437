import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { keepLatest } from '../../shared/keep-latest.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { InstanceKeep, NodeSample } from '../../shared/wire/peer/node-report.ts'

const MOST_KEEPS = 1024

/** How long clients of this node want instances to stay loaded after their last use. */
export class InstanceKeeps {
  readonly #keeps = new Map<InstanceId, InstanceKeep>()
  readonly #clock: { epochMs(): number }

  constructor(clock: { epochMs(): number }) {
    this.#clock = clock
  }

  /** @param keepMs - null: forever */
  note(instanceId: InstanceId, keepMs: number | null): void {
    this.#keeps.delete(instanceId)
    this.#keeps.set(instanceId, { instanceId, keepMs, atEpochMs: this.#clock.epochMs() })
    keepLatest(this.#keeps, MOST_KEEPS)
  }

  /** The keep-alive times of existing instances. */
  list({ instances }: Pick<ClusterState, 'instances'>): InstanceKeep[] {
    for (const instanceId of this.#keeps.keys()) if (!instances[instanceId]) this.#keeps.delete(instanceId)
    return [...this.#keeps.values()]
  }
}

/** The keep-alive times requested by clients of all nodes; the latest request for an instance counts. */
export function keepsOf(samples: readonly Pick<NodeSample, 'keeps'>[]): ReadonlyMap<InstanceId, InstanceKeep> {
  const keeps = new Map<InstanceId, InstanceKeep>()
  for (const keep of samples.flatMap((sample) => sample.keeps ?? [])) {
    const known = keeps.get(keep.instanceId)
    if (!known || known.atEpochMs < keep.atEpochMs) keeps.set(keep.instanceId, keep)
  }
  return keeps
}

/** When an idle model is unloaded; null: never. The longest keep-alive of its instances counts. */
export function expiryOf(
  instances: readonly Pick<InstanceState, 'instanceId' | 'pinned'>[],
  keeps: ReadonlyMap<InstanceId, InstanceKeep>,
  usedAtEpochMs: ReadonlyMap<InstanceId, number>,
  idleUnloadMs: number,
  nowEpochMs: number,
): number | null {
  const expiries = instances.map(({ instanceId, pinned }) => {
    const keep = keeps.get(instanceId)
    const keepMs = pinned ? null : keep ? keep.keepMs : idleUnloadMs > 0 ? idleUnloadMs : null
    return keepMs === null ? null : Math.max(keep?.atEpochMs ?? 0, usedAtEpochMs.get(instanceId) ?? nowEpochMs) + keepMs
  })
  return expiries.includes(null) ? null : Math.max(...expiries.filter((expiry) => expiry !== null))
}
