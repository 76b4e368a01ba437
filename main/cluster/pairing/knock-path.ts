import type { NodeId } from '../../shared/ids.ts'

/** Facts about the other end that do not depend on its claims. */
export interface KnockPath {
  readonly nodeId: NodeId
  readonly host: string
  readonly isNeighbour: boolean
  readonly isOnCable: boolean
}
