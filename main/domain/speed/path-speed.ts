import type { Link, LinkMedium } from '../../shared/topology.ts'
import { bestLink } from '../topology/best-link.ts'

/** One direction of a path between two ranks. */
export interface PathSpeed {
  readonly kind: 'rdma' | 'tcp'
  /** From the call that sends a short message to its arrival. */
  readonly messageSeconds: number
  readonly bytesPerSecond: number
}

/**
 * A message by RDMA over Thunderbolt 5 takes 5 to 50 us, depending on who measures (Apple's technical note TN3205; Jeff
 * Geerling, "1.5 TB of VRAM on Mac Studio", 2025). The bandwidth is what 80 Gbit/s leave.
 */
const RDMA: PathSpeed = { kind: 'rdma', messageSeconds: 20e-6, bytesPerSecond: 6e9 }

/** Paths that nobody measured, by medium. TCP over Thunderbolt takes 300 us there and back (Geerling, same article). */
const TCP: Readonly<Record<LinkMedium, Omit<PathSpeed, 'kind'>>> = {
  thunderbolt: { messageSeconds: 150e-6, bytesPerSecond: 2.5e9 },
  ethernet: { messageSeconds: 200e-6, bytesPerSecond: 115e6 },
  wifi: { messageSeconds: 2e-3, bytesPerSecond: 50e6 },
  unknown: { messageSeconds: 500e-6, bytesPerSecond: 115e6 },
}

/**
 * @param links - those from one rank to the other
 * @param isRdma - whether the group uses RDMA
 * @returns null: there is no such path
 */
export function pathSpeed(links: readonly Link[], isRdma: boolean): PathSpeed | null {
  if (isRdma) return links.some(({ kind }) => kind === 'rdma') ? RDMA : null
  const link = bestLink(links)
  if (!link) return null
  const { messageSeconds, bytesPerSecond } = TCP[link.medium]
  return {
    kind: 'tcp',
    messageSeconds: link.roundTripMs === null ? messageSeconds : link.roundTripMs / 2000,
    bytesPerSecond: link.throughputBytesPerSecond ?? bytesPerSecond,
  }
}
