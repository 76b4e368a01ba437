import { AppError } from '../../shared/app-error.ts'
import type { RdmaMatrix } from '../../shared/cluster-view.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { Link, RdmaLink } from '../../shared/topology.ts'
import { linksBetween } from './links-between.ts'

/** MLX's own limits: `MESH_MAX_PEERS` and `RING_MAX_CONNS` of mlx/distributed/jaccl. */
export const JACCL_MESH_MAX_RANKS = 8
export const JACCL_RING_MAX_CABLES = 4

/**
 * For every pair of ranks, the RDMA device of the first that faces the second: the content of the file of
 * `MLX_IBV_DEVICES`.
 *
 * With two cables between a pair, both cells are lists in which equal positions are the two ends of the same cable. In
 * a ring only neighbours have devices; all pairs have the same number, within JACCL's limit.
 *
 * @param links - both directions of every cable
 * @param nodeByRank - shape [worldSize]
 * @returns shape [worldSize][worldSize]; null on the diagonal
 * @throws AppError `no-cable` with the pair that has none
 */
export function rdmaMatrix(links: readonly Link[], nodeByRank: readonly NodeId[], shape: 'mesh' | 'ring'): RdmaMatrix {
  const size = nodeByRank.length
  const between = linksBetween(links)
  const isJoined = (rank: number, other: number): boolean =>
    rank !== other && (shape === 'mesh' || other === (rank + 1) % size || rank === (other + 1) % size)
  const rows = nodeByRank.map((from, rank) =>
    nodeByRank.map((to, other) => (isJoined(rank, other) ? devicesFacing(between(from, to), from, to) : [])),
  )
  const counts = rows.flatMap((row, rank) => row.filter((_, other) => isJoined(rank, other)).map((devices) => devices.length))
  const most = shape === 'ring' ? Math.min(JACCL_RING_MAX_CABLES, ...counts) : Infinity
  return rows.map((row) => row.map((devices) => (devices.length === 0 ? null : oneOrList(devices.slice(0, most)))))
}

function oneOrList(devices: string[]): string | string[] {
  return devices.length === 1 ? (devices[0] ?? '') : devices
}

/** Cables in an order that both ends agree on: sorted by the devices at the end with the smaller id. */
function devicesFacing(links: readonly Link[], from: NodeId, to: NodeId): string[] {
  const facing = links.filter((link) => link.kind === 'rdma')
  if (facing.length === 0) throw new AppError('no-cable', `No RDMA cable from ${from} to ${to}.`, { from, to })
  const orderKey = (link: RdmaLink): string | undefined => (from < to ? link.device : link.peerDevice)
  if (facing.every((link) => link.peerDevice !== undefined)) facing.sort((a, b) => ((orderKey(a) ?? '') < (orderKey(b) ?? '') ? -1 : 1))
  return facing.map((link) => link.device)
}
