import { type ClusterState, type InstanceState, isCutOff, linksOf } from '../../cluster/cluster-state.ts'
import { bareAddress } from '../../../shared/addresses/bare-address.ts'
import { linksBetween } from '../../topology/links-between.ts'
import { placedPaths } from './placed-paths.ts'

/** An address between two ranks that no longer leads to its node. */
export interface GoneAddress {
  readonly rank: number
  readonly address: string
}

/**
 * The first address of a TCP ring that its node no longer has and at which its neighbour cannot reach it. JACCL needs
 * addresses only to start.
 */
export function goneAddress(state: ClusterState, { placement }: InstanceState): GoneAddress | null {
  if (placement.backend !== 'ring') return null
  const between = linksBetween(linksOf(state))
  const gone = placedPaths(placement).find(({ from, to, address }) => {
    const node = state.nodes[to]
    if (!node || node.addresses.includes(bareAddress(address)) || isCutOff(node, address)) return false
    return !between(from, to).some((link) => link.kind === 'tcp' && link.address === address)
  })
  return gone ? { rank: gone.rank, address: gone.address } : null
}

/** EADDRNOTAVAIL, as reported by MLX on Linux and macOS, and by Node. */
const ADDRESS_FAULT_PATTERN = /\bEADDRNOTAVAIL\b|\(error: (?:99|49)\)/

/** Whether a shard failed because its address no longer exists: the placement was outdated, and the worker is not at fault. */
export function lacksAddress({ shards }: InstanceState): boolean {
  return shards.some(({ status, code, message }) => status === 'failed' && ADDRESS_FAULT_PATTERN.test(`${code} ${message}`))
}
