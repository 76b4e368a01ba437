import { type ClusterState, type InstanceState, isCutOff, linksOf } from '../cluster/cluster-state.ts'
import { linksBetween } from '../topology/links-between.ts'

/** An address over which two ranks talk, and which leads to its node no more. */
export interface GoneAddress {
  readonly rank: number
  readonly address: string
}

/**
 * The first address of a TCP ring that its node lists no more and at which its neighbour does not reach it either. JACCL
 * needs addresses only to begin.
 */
export function goneAddress(state: ClusterState, { placement }: InstanceState): GoneAddress | null {
  if (placement.backend !== 'ring') return null
  const between = linksBetween(linksOf(state))
  for (const [from, row] of placement.addressMatrix.entries()) {
    for (const [rank, address] of row.entries()) {
      const [fromId, toId] = [placement.shards[from]?.nodeId, placement.shards[rank]?.nodeId]
      const node = toId && state.nodes[toId]
      if (address === null || !fromId || !node || node.addresses.includes(address) || isCutOff(node)) continue
      if (!between(fromId, node.nodeId).some((link) => link.kind === 'tcp' && link.address === address)) return { rank, address }
    }
  }
  return null
}

/** EADDRNOTAVAIL, as MLX says it on Linux and on macOS, and as Node does. */
const ADDRESS_FAULT_PATTERN = /\bEADDRNOTAVAIL\b|\(error: (?:99|49)\)/

/** Whether a shard failed because an address that it was to use is not there: the placement was behind the network, no worker is at fault. */
export function lacksAddress({ shards }: InstanceState): boolean {
  return shards.some(({ status, code, message }) => status === 'failed' && ADDRESS_FAULT_PATTERN.test(`${code} ${message}`))
}
