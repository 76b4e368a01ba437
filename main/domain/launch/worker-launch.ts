import { AppError } from '../../shared/app-error.ts'
import type { Placement } from '../../shared/placement.ts'
import { devicesFile } from './devices-file.ts'

export interface LaunchFile {
  readonly path: string
  readonly content: string
}

/** What the worker of one rank finds when it starts. The files are written first. */
export interface WorkerLaunch {
  readonly files: readonly LaunchFile[]
  /** Environment variables that MLX reads in `distributed::init`. */
  readonly variables: Readonly<Record<string, string>>
}

export interface LaunchOptions {
  readonly rank: number
  /** On which each rank listens for its group; of `jaccl` only rank 0 does. */
  readonly portByRank: readonly (number | null)[]
  /** Of this launch alone: its files have fixed names. */
  readonly directory: string
  /** The user's own setting; MLX warns that it can deadlock the GPU. */
  readonly fastSynch: boolean
}

/** MLX opens IPv4 sockets only, and takes what stands before the first colon for the address. */
const IPV4_PATTERN = /^(\d{1,3}\.){3}\d{1,3}$/
/** To listen there is to listen to everybody. */
const ANY_ADDRESS = '0.0.0.0'
/** MLX reads the addresses of all ranks, but a ring uses only those of its own and its neighbours. */
const UNUSED_ADDRESS = '192.0.2.1:9'

/**
 * The group of a placed model, in the files and variables of one of its ranks.
 *
 * @throws AppError `launch-address-missing` | `launch-address-not-ipv4` | `launch-address-divided` | `launch-port-missing` | `launch-devices-invalid`
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
      const file = { path: `${options.directory}/devices.json`, content: devicesFile(placement.rdmaMatrix, placement.jacclRing, placement.shards.length) }
      const coordinator = coordinatorOf(placement, options)
      return {
        files: [file],
        variables: {
          MLX_IBV_DEVICES: file.path,
          MLX_RANK: String(options.rank),
          MLX_JACCL_COORDINATOR: coordinator,
          MLX_IBV_COORDINATOR: coordinator,
          // MLX looks only whether it is there: `0` would mean yes.
          ...(placement.jacclRing ? { MLX_JACCL_RING: '1' } : {}),
          ...fastSynch,
        },
      }
    }
  }
}

/** The file of `MLX_HOSTFILE`: by rank the addresses that it listens on, as this rank sees them. */
function hostfile({ addressMatrix, shards }: Placement, { rank, portByRank }: LaunchOptions): string {
  const size = shards.length
  const before = (rank + size - 1) % size
  const after = (rank + 1) % size
  const addressOf = (other: number): string => {
    // The rank before connects to this one, so this one listens where that one looks for it.
    if (other === rank) return endpoint(addressMatrix[before]?.[rank], portByRank, rank, `rank ${before}`)
    if (other === before || other === after) return endpoint(addressMatrix[rank]?.[other], portByRank, other, `rank ${rank}`)
    return UNUSED_ADDRESS
  }
  return JSON.stringify(shards.map((_, other) => [addressOf(other)]))
}

/** Where rank 0 listens: at the one address that all others use. Who connects there is not asked for a name, so it is never all of them. */
function coordinatorOf({ addressMatrix, shards }: Placement, { rank, portByRank }: LaunchOptions): string {
  const seen = new Set(shards.flatMap((_, other) => (other === 0 ? [] : [addressMatrix[other]?.[0]])))
  if (seen.size > 1) throw new AppError('launch-address-divided', 'The ranks reach rank 0 at different addresses, and it listens on one only. Connect all machines to one network.', { addresses: [...seen] })
  return endpoint([...seen][0], portByRank, 0, rank > 0 ? `rank ${rank}` : 'the other ranks')
}

function endpoint(address: string | null | undefined, portByRank: readonly (number | null)[], rank: number, seenFrom: string): string {
  if (address === null || address === undefined) throw new AppError('launch-address-missing', `${seenFrom} has no address at which it reaches rank ${rank}.`, { rank, seenFrom })
  if (!IPV4_PATTERN.test(address) || address === ANY_ADDRESS)
    throw new AppError('launch-address-not-ipv4', `MLX connects over IPv4 only, and ${seenFrom} reaches rank ${rank} at ${address}. Give both machines an IPv4 address.`, { rank, address })
  const port = portByRank[rank]
  if (port === null || port === undefined) throw new AppError('launch-port-missing', `rank ${rank} has not said on which port it listens.`, { rank })
  return `${address}:${port}`
}
