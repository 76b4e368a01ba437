import type { Link } from '../../shared/topology.ts'
import type { Placement } from '../../shared/placement.ts'
import { ringAddresses } from '../topology/address-matrix.ts'

/**
 * The same placement over TCP, for a JACCL group that failed to start: the same nodes, ranks and layers.
 *
 * @param reason - JACCL's error, for the user
 * @returns null if two neighbours of the ring cannot reach each other over TCP
 */
export function fallBackToTcp(placement: Placement, links: readonly Link[], reason: string): Placement | null {
  const size = placement.shards.length
  const addressMatrix = ringAddresses(
    links,
    placement.shards.map(({ nodeId }) => nodeId),
  )
  const isWhole = addressMatrix.every((row, rank) =>
    [(rank + 1) % size, (rank + size - 1) % size].every((other) => typeof row[other] === 'string'),
  )
  if (!isWhole) return null
  const from = placement.jacclRing ? 'JACCL ring' : 'JACCL mesh'
  return {
    ...placement,
    backend: 'ring',
    jacclRing: false,
    rdmaMatrix: null,
    addressMatrix,
    fallbacks: [...placement.fallbacks, { from, to: 'TCP ring', reason }],
  }
}
