import { BlockList, isIP, isIPv6 } from 'node:net'
import { bareAddress } from '../../shared/addresses/bare-address.ts'
import { interfaceFacing, type InterfaceAddress } from '../../discovery/peers/network-interface.ts'

/** Networks of a home, an office, a cable or a tunnel between the user's own machines. */
const nearby = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  nearby.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  nearby.addSubnet(network, bits, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Whether a node may plausibly have an address that a peer reported. Others are never dialled, so that no peer can use
 * this node as a port scanner.
 *
 * @param linkHost - the host of the link to the reporting peer
 */
export function isPlausibleAddress(host: string, linkHost: string, own: readonly InterfaceAddress[]): boolean {
  const [bare, bareLink] = [bareAddress(host), bareAddress(linkHost)]
  if (isIP(bare) === 0) return false
  if (bare === bareLink) return true
  const family = isIPv6(bare) ? 'ipv6' : 'ipv4'
  if (loopback.check(bare, family)) return isIP(bareLink) !== 0 && loopback.check(bareLink, isIPv6(bareLink) ? 'ipv6' : 'ipv4')
  const facing = interfaceFacing(bare, own)
  return nearby.check(bare, family) || (facing !== null && !facing.isInternal)
}
