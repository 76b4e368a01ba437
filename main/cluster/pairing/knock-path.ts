import type { NodeId } from '../../shared/ids.ts'

/** What is known of the other end before it has said anything. */
export interface KnockPath {
  readonly nodeId: NodeId
  readonly host: string
  readonly isNeighbour: boolean
  readonly isOnCable: boolean
}
