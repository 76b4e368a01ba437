import { AppError } from '../../shared/app-error.ts'
import type { RdmaMatrix } from '../../shared/cluster-view.ts'
import { JACCL_MESH_MAX_RANKS, JACCL_RING_MAX_CABLES } from '../topology/rdma-matrix.ts'

/**
 * The file of `MLX_IBV_DEVICES`. A matrix that MLX would refuse, or interpret as the other shape, is refused here,
 * where the reason can be reported.
 *
 * @throws AppError `launch-devices-invalid`
 */
export function devicesFile(matrix: RdmaMatrix | null, isRing: boolean, worldSize: number): string {
  const problem = matrix === null ? 'the RDMA matrix is missing' : devicesProblem(matrix, isRing, worldSize)
  if (problem !== null) throw new AppError('launch-devices-invalid', `JACCL cannot start: ${problem}.`, { matrix, isRing, worldSize })
  return JSON.stringify(matrix)
}

function devicesProblem(matrix: RdmaMatrix, isRing: boolean, worldSize: number): string | null {
  if (worldSize < 2) return 'a group needs at least two ranks'
  if (matrix.length !== worldSize || matrix.some((row) => row.length !== worldSize))
    return `the RDMA matrix is not ${worldSize} x ${worldSize}`
  const cables = matrix.map((row) => row.map((cell) => (cell === null ? 0 : typeof cell === 'string' ? 1 : cell.length)))
  const between = (rank: number, other: number): number => cables[rank]?.[other] ?? 0
  const ranks = [...matrix.keys()]
  if (ranks.some((rank) => between(rank, rank) > 0)) return 'a rank is connected to itself'
  if (isRing) {
    const perNeighbour = between(0, 1)
    const neighbours = ranks.flatMap((rank) => [between(rank, (rank + 1) % worldSize), between(rank, (rank + worldSize - 1) % worldSize)])
    if (perNeighbour === 0 || neighbours.some((count) => count !== perNeighbour))
      return 'a ring needs the same number of cables between all neighbours'
    return perNeighbour > JACCL_RING_MAX_CABLES ? `a ring supports up to ${JACCL_RING_MAX_CABLES} cables between two ranks` : null
  }
  if (worldSize > JACCL_MESH_MAX_RANKS) return `a mesh supports up to ${JACCL_MESH_MAX_RANKS} ranks`
  const gap = ranks
    .flatMap((rank) => ranks.map((other) => [rank, other] as const))
    .find(([rank, other]) => rank !== other && between(rank, other) === 0)
  return gap ? `rank ${gap[0]} has no device connected to rank ${gap[1]}` : null
}
