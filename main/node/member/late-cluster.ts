import { AppError } from '../../shared/app-error.ts'
import type { JoinedCluster } from './join-cluster.ts'

/** The cluster of a member that is still starting, for the parts that are built before it has joined. */
export class LateCluster {
  #joined: JoinedCluster | null = null

  enter(cluster: JoinedCluster): void {
    this.#joined = cluster
  }

  /** null: not joined yet. */
  now(): JoinedCluster | null {
    return this.#joined
  }

  /** @throws AppError `no-leader` while the node is still starting */
  joined(): JoinedCluster {
    if (!this.#joined) throw new AppError('no-leader', 'The node is still starting. Try again in a moment.')
    return this.#joined
  }
}
