import { AppError } from '../../shared/app-error.ts'
import { isIpv6 } from '../../shared/addresses/ring-address.ts'
import type { Placement } from '../../shared/placement.ts'
import { devicesFile } from './devices-file.ts'
import { ringEndpoint } from './ring-endpoint.ts'
import { ringNeighbours } from './ring-place.ts'

export interface LaunchFile {
  readonly path: string
  readonly content: string
}

/** The environment and files of one rank's worker. The files are written first. */
export interface WorkerLaunch {
  readonly files: readonly LaunchFile[]
  /** Environment variables that MLX reads in `distributed::init`. */
  readonly variables: Readonly<Record<string, string>>
}

export interface LaunchOptions {
  readonly rank: number
  /** The port on which each rank listens for its group; with `jaccl`, only rank 0 does. */
  readonly portByRank: readonly (number | null)[]
  /** Rings only: the ports on which MLX listens and to which it connects, both on this machine. */
  readonly loopbackPorts: { readonly listenPort: number; readonly dialPort: number } | null
  /** Used only by this launch, because its files have fixed names. */
  readonly directory: string
  /** The user's own setting; MLX warns that it can deadlock the GPU. */
  readonly fastSynch: boolean
}

const LOOPBACK = '127.0.0.1'
/** MLX reads the addresses of all ranks, but a ring uses only its own and the next one. */
const UNUSED_ADDRESS = '192.0.2.1:9'

/**
 * The files and variables with which one rank joins the group of a placed model.
 *
 * @throws AppError `launch-address-missing` | `launch-address-not-ipv4` | `launch-address-divided` |
 *   `launch-port-missing` | `launch-devices-invalid`
 *
 * Source: MLX mlx/distributed/ring/ring.cpp and mlx/distributed/jaccl/lib/jaccl/jaccl.cpp.
 */
export function workerLaunch(placement: Placement, options: LaunchOptions): WorkerLaunch {
  const fastSynch: Record<string, string> = options.fastSynch ? { MLX_METAL_FAST_SYNCH: '1' } : {}
  switch (placement.backend) {
    case 'local':
      return { files: [], variables: fastSynch }
    case 'ring': {
      const file = { path: `${options.directory}/hostfile.json`, content: hostfile(placement, options) }
      return { files: [file], variables: { MLX_HOSTFILE: file.path, MLX_RANK: String(options.rank), ...fastSynch } }
    }
    case 'jaccl': {
      const file = {
        path: `${options.directory}/devices.json`,
        content: devicesFile(placement.rdmaMatrix, placement.jacclRing, placement.shards.length),
      }
      const coordinator = coordinatorOf(placement, options)
      return {
        files: [file],
        variables: {
          MLX_IBV_DEVICES: file.path,
          MLX_RANK: String(options.rank),
          MLX_JACCL_COORDINATOR: coordinator,
          MLX_IBV_COORDINATOR: coordinator,
          // MLX only checks whether the variable is set: `0` would mean yes.
          ...(placement.jacclRing ? { MLX_JACCL_RING: '1' } : {}),
          ...fastSynch,
        },
      }
    }
  }
}

/**
 * The file of `MLX_HOSTFILE`. MLX's own ring accepts the first process that connects and sends everything unencrypted,
 * so it connects only to this process, on loopback. The engine replaces these connections with its own connections to
 * the neighbours (`RingPlace`).
 */
function hostfile({ shards }: Placement, { rank, loopbackPorts }: LaunchOptions): string {
  if (!loopbackPorts) throw new AppError('launch-port-missing', `rank ${rank} has no ports on loopback.`, { rank })
  const { after } = ringNeighbours(rank, shards.length)
  const addressOf = (other: number): string => {
    if (other === rank) return `${LOOPBACK}:${loopbackPorts.listenPort}`
    return other === after ? `${LOOPBACK}:${loopbackPorts.dialPort}` : UNUSED_ADDRESS
  }
  return JSON.stringify(shards.map((_, other) => [addressOf(other)]))
}

/** The address on which rank 0 listens: the one that all others use, and never all addresses, because connections are not authenticated. */
function coordinatorOf({ addressMatrix, shards }: Placement, { rank, portByRank }: LaunchOptions): string {
  const seen = new Set(shards.flatMap((_, other) => (other === 0 ? [] : [addressMatrix[other]?.[0]])))
  if (seen.size > 1)
    throw new AppError(
      'launch-address-divided',
      'The ranks reach rank 0 at different addresses, but it listens on only one. Connect all machines to one network.',
      { addresses: [...seen] },
    )
  const [common] = seen
  if (common && isIpv6(common))
    throw new AppError(
      'launch-address-not-ipv4',
      `JACCL connects over IPv4 only, and the other ranks reach rank 0 at ${common}. Give all machines an IPv4 address.`,
      { rank: 0, address: common },
    )
  const { address, port } = ringEndpoint(common, portByRank, 0, rank > 0 ? `rank ${rank}` : 'the other ranks')
  return `${address}:${port}`
}
