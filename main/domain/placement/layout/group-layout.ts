import type { RdmaMatrix } from '../../../shared/cluster-view.ts'
import type { NodeId } from '../../../shared/ids.ts'
import type { PlacedShard } from '../../../shared/placement.ts'
import type { Topology } from '../../../shared/topology.ts'
import { coordinatorAddresses, ringAddresses } from '../../topology/address-matrix.ts'
import { rdmaMatrix } from '../../topology/rdma-matrix.ts'
import { backendOf, shapeOf, type Transport } from './transport.ts'

/** The data with which the ranks find each other. */
export interface GroupLayout {
  readonly rdmaMatrix: RdmaMatrix | null
  readonly addressMatrix: (string | null)[][]
}

/** null: some rank has no address for rank 0, where JACCL's ranks meet. */
export function groupLayout(
  transport: Transport,
  topology: Topology,
  shards: readonly PlacedShard[],
  isImagined: boolean,
): GroupLayout | null {
  const nodeByRank = shards.map((shard) => shard.nodeId)
  const inGroup = new Set<NodeId>(nodeByRank)
  const links = topology.links.filter((link) => inGroup.has(link.from) && inGroup.has(link.to))
  if (backendOf(transport) === 'jaccl') {
    const coordinator = coordinatorAddresses(links, nodeByRank)
    const addressMatrix = 'addresses' in coordinator ? coordinator.addresses : nodeByRank.map(() => nodeByRank.map(() => null))
    if (!('addresses' in coordinator) && !isImagined) return null
    return { rdmaMatrix: rdmaMatrix(links, nodeByRank, shapeOf(transport)), addressMatrix }
  }
  const usable = transport === 'thunderbolt-ring' ? links.filter((link) => link.kind === 'tcp' && link.medium === 'thunderbolt') : links
  return { rdmaMatrix: null, addressMatrix: ringAddresses(usable, nodeByRank) }
}
