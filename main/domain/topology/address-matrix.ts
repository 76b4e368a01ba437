import type { NodeId } from '../../shared/ids.ts'
import { isIpv6 } from '../../shared/addresses/ring-address.ts'
import type { Link, LinkMedium, TcpLink } from '../../shared/topology.ts'
import { bestLink, byMedium } from './best-link.ts'
import { linksBetween } from './links-between.ts'

/** JACCL's coordinator uses IPv4 only. Its traffic is light, and a Thunderbolt port that serves RDMA is a network of its own. */
const COORDINATOR_MEDIA: readonly LinkMedium[] = ['ethernet', 'wifi', 'unknown', 'thunderbolt']

type AddressMatrix = (string | null)[][]

/**
 * The addresses of a TCP ring: for each rank, the addresses at which it reaches the previous and the next rank; null
 * elsewhere.
 *
 * @returns shape [worldSize][worldSize]
 */
export function ringAddresses(links: readonly Link[], nodeByRank: readonly NodeId[]): AddressMatrix {
  const size = nodeByRank.length
  const between = linksBetween(links)
  return nodeByRank.map((from, rank) =>
    nodeByRank.map((to, other) => {
      const isNeighbour = other !== rank && (other === (rank + 1) % size || rank === (other + 1) % size)
      return isNeighbour ? (bestLink(between(from, to))?.address ?? null) : null
    }),
  )
}

/**
 * The address of rank 0 for `MLX_JACCL_COORDINATOR`: one that all ranks can reach, so that rank 0 listens on no other.
 *
 * @returns shape [worldSize][worldSize], with only column 0 filled; or the first rank that cannot reach rank 0 at any
 *   of the addresses that the ranks before it use
 */
export function coordinatorAddresses(
  links: readonly Link[],
  nodeByRank: readonly NodeId[],
): { addresses: AddressMatrix } | { unreachableFromRank: number } {
  const [coordinator, ...others] = nodeByRank
  const between = linksBetween(links)
  const paths = others.map((from) =>
    coordinator === undefined
      ? []
      : between(from, coordinator).filter((link): link is TcpLink => link.kind === 'tcp' && !isIpv6(link.address)),
  )
  const order = byMedium(COORDINATOR_MEDIA)
  let common = [...(paths[0] ?? [])].sort(order)
  for (const [index, toCoordinator] of paths.entries()) {
    common = common.filter((path) => toCoordinator.some((other) => other.address === path.address))
    if (common.length === 0) return { unreachableFromRank: index + 1 }
  }
  const address = common[0]?.address ?? null
  return { addresses: nodeByRank.map((_, rank) => nodeByRank.map((_, other) => (rank > 0 && other === 0 ? address : null))) }
}
