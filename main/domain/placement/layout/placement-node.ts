import type { NodeId } from '../../../shared/ids.ts'

/** A node as placement weighs it. */
export interface PlacementNode {
  readonly nodeId: NodeId
  /** Free memory without the headroom. */
  readonly usableBytes: number
}
