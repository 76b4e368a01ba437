import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import type { InstanceId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'

/** Commands to the cluster from the rest of the node, regardless of the current leader. */
export interface ClusterControl {
  state(): ClusterState
  /** The name of the machine that leads; null: none does. */
  leaderName(): string | null
  /** Called after each change, until `signal` aborts. */
  onState(listener: (state: ClusterState) => void, signal: AbortSignal): void
  /**
   * Places a model; the leader has logged it when this resolves.
   *
   * @param options - `pinned`: it stays loaded when idle; `reuse`: an existing instance of the model is accepted
   */
  place(
    card: ModelCard,
    request: PlacementRequest,
    options: { readonly pinned: boolean; readonly reuse: boolean },
    signal: AbortSignal,
  ): Promise<InstanceId>
  /** @throws AppError `instance-not-found` */
  remove(instanceId: InstanceId, reason: string, signal: AbortSignal): Promise<void>
}
