import { AppError } from '../../shared/app-error.ts'
import type { ClusterMembership } from './cluster-membership.ts'

/** The membership of a node that is still starting, for the parts that are built before it. */
export class LateMembership {
  #membership: ClusterMembership | null = null

  enter(membership: ClusterMembership): void {
    this.#membership = membership
  }

  /** @throws AppError `no-leader` while the node is still starting */
  get(): ClusterMembership {
    if (!this.#membership) throw new AppError('no-leader', 'The node is still starting. Try again in a moment.')
    return this.#membership
  }

  /** Reports a change to the membership's listeners. Before the membership exists it has none. */
  changed(): void {
    this.#membership?.changed()
  }
}
