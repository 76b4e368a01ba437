import type { NodeId } from '../../../shared/ids.ts'

/** The data of a node that placement uses. */
export interface PlacementNode {
  readonly nodeId: NodeId
  /** Free memory without the headroom. */
  readonly usableBytes: number
}
