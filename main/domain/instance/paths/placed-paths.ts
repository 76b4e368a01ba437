import type { NodeId } from '../../../shared/ids.ts'
import type { Placement } from '../../../shared/placement.ts'

/** An address at which one rank of a placed group reaches another. */
export interface PlacedPath {
  readonly from: NodeId
  readonly to: NodeId
  /** The address of the target node. */
  readonly rank: number
  readonly address: string
}

export function placedPaths({ addressMatrix, shards }: Pick<Placement, 'addressMatrix' | 'shards'>): PlacedPath[] {
  return addressMatrix.flatMap((row, fromRank) =>
    row.flatMap((address, rank) => {
      const [from, to] = [shards[fromRank]?.nodeId, shards[rank]?.nodeId]
      return address === null || from === undefined || to === undefined ? [] : [{ from, to, rank, address }]
    }),
  )
}
