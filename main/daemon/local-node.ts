import { arch, availableParallelism, cpus, hostname, networkInterfaces, platform, release } from 'node:os'
import type { NodeId } from '../shared/ids.ts'
import { version } from '../shared/version.ts'
import type { NodeFacts } from '../shared/wire/cluster-event.ts'

export interface LocalNodeOptions {
  readonly nodeId: NodeId
  readonly totalBytes: number
  readonly maxMemoryBytes: number | null
  readonly apiPort: number
  readonly peerPort: number
}

/** What this machine says of itself, where no recorded hardware replaces it. */
export function localNodeFacts(options: LocalNodeOptions): NodeFacts {
  return {
    ...options,
    name: hostname().replace(/\.local$/, ''),
    platform: `${platform()}-${arch()}`,
    chip: cpus()[0]?.model.trim() || `${arch()}, ${availableParallelism()} cores`,
    osVersion: release(),
    addresses: reachableAddresses(),
    version,
    rdma: 'absent',
    thunderboltBridge: null,
  }
}

/** Addresses at which others may reach this machine, link-local ones with their scope. */
function reachableAddresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter((address) => !address.internal).map(({ address, scopeid }) => (scopeid ? `${address}%${name}` : address)),
  )
}
