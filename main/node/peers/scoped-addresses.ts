import type { InterfaceAddress } from '../../discovery/peers/network-interface.ts'
import { bareAddress } from '../../shared/addresses/bare-address.ts'

const LINK_LOCAL_PATTERN = /^fe80:/i

/** An address of this machine, a link-local one with the interface that has it here. */
export function scopedHere(address: string, own: readonly InterfaceAddress[]): string {
  if (!LINK_LOCAL_PATTERN.test(address)) return address
  const bare = bareAddress(address)
  const here = own.find((candidate) => candidate.address === bare)
  return here ? `${bare}%${here.interfaceName}` : bare
}

/** Where an address that a peer reports may be reached: a link-local one through any interface of this machine that has one too. */
export function scopedTowards(address: string, own: readonly InterfaceAddress[]): string[] {
  if (!LINK_LOCAL_PATTERN.test(address) || address.includes('%')) return [address]
  return own
    .filter((candidate) => !candidate.isInternal && LINK_LOCAL_PATTERN.test(candidate.address))
    .map(({ interfaceName }) => `${address}%${interfaceName}`)
}
