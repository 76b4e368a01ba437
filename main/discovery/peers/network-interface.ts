import { BlockList, isIPv6 } from 'node:net'
import { readNetworkInterfaces } from '../../platform/network/read-network-interfaces.ts'

/** One address of one interface of this machine. */
export interface InterfaceAddress {
  readonly interfaceName: string
  readonly family: 'IPv4' | 'IPv6'
  readonly address: string
  readonly prefixBits: number
  /** Loopback. */
  readonly isInternal: boolean
}

/** The addresses of all interfaces that are up. */
export function readInterfaceAddresses(): InterfaceAddress[] {
  return Object.entries(readNetworkInterfaces()).flatMap(([interfaceName, addresses]) =>
    (addresses ?? []).flatMap(({ family, address, cidr, internal }) => {
      if (cidr === null) return []
      return [{ interfaceName, family, address, prefixBits: Number(cidr.split('/')[1]), isInternal: internal }]
    }),
  )
}

/** The last address of an IPv4 subnet; null if it has no broadcast address, as on a point-to-point link. */
export function broadcastAddress({ family, address, prefixBits }: InterfaceAddress): string | null {
  if (family !== 'IPv4' || prefixBits > 30) return null
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const hostBits = 2 ** (32 - prefixBits) - 1
  const last = (bits | hostBits) >>> 0
  return [24, 16, 8, 0].map((shift) => (last >>> shift) & 255).join('.')
}

/**
 * The local interface through which the address is reached without a router, or its own interface if it belongs to this
 * machine; null otherwise.
 */
export function interfaceFacing(host: string, addresses: readonly InterfaceAddress[]): InterfaceAddress | null {
  const [bare = host, scope] = host.split('%')
  const family = isIPv6(bare) ? 'IPv6' : 'IPv4'
  const own = addresses.find((candidate) => candidate.address === bare && (scope === undefined || candidate.interfaceName === scope))
  if (own) return { ...own, isInternal: true }
  const facing = addresses.filter((candidate) => {
    if (candidate.family !== family || (scope !== undefined && candidate.interfaceName !== scope)) return false
    const subnet = new BlockList()
    subnet.addSubnet(candidate.address, candidate.prefixBits, family === 'IPv6' ? 'ipv6' : 'ipv4')
    return subnet.check(bare, family === 'IPv6' ? 'ipv6' : 'ipv4')
  })
  return facing.toSorted((left, right) => right.prefixBits - left.prefixBits)[0] ?? null
}
