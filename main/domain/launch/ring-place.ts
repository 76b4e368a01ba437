import type { NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import type { RingPlace } from '../../shared/shard.ts'
import { ringEndpoint } from './ring-endpoint.ts'

export interface RingPlaceOptions {
  readonly rank: number
  /** The port on which each rank listens for the previous rank. */
  readonly portByRank: readonly (number | null)[]
  readonly loopbackPorts: { readonly listenPort: number; readonly dialPort: number }
  /** The keys of the connections from the previous rank and to the next rank. */
  readonly keys: { readonly before: string; readonly after: string }
  /** This machine's own address as it binds to it: a link-local one with the interface on this side. */
  ownAddress(address: string): string
  isSealed(from: NodeId, to: NodeId, address: string): boolean
}

/**
 * The endpoints of a rank of a placed TCP ring: it listens where the previous rank connects.
 *
 * @throws AppError `launch-address-missing` | `launch-address-not-ipv4` | `launch-port-missing`
 */
export function ringPlace(
  { addressMatrix, shards }: Placement,
  { rank, portByRank, loopbackPorts, keys, ownAddress, isSealed }: RingPlaceOptions,
): RingPlace {
  const { before, after } = ringNeighbours(rank, shards.length)
  const path = (from: number, to: number, key: string): RingPlace['before'] => {
    const endpoint = ringEndpoint(addressMatrix[from]?.[to], portByRank, to, `rank ${from}`)
    const [fromNode, toNode] = [shards[from]?.nodeId, shards[to]?.nodeId]
    return { ...endpoint, key, seal: fromNode === undefined || toNode === undefined || isSealed(fromNode, toNode, endpoint.address) }
  }
  const previous = path(before, rank, keys.before)
  return {
    ...loopbackPorts,
    before: { ...previous, address: ownAddress(previous.address) },
    after: path(rank, after, keys.after),
  }
}

export function ringNeighbours(rank: number, size: number): { readonly before: number; readonly after: number } {
  return { before: (rank + size - 1) % size, after: (rank + 1) % size }
}
