import { describe, expect, it } from 'vitest'
import type { InterfaceAddress } from '../../discovery/peers/network-interface.ts'
import { describePath } from './describe-path.ts'

const address = (interfaceName: string, text: string, prefixBits: number, isInternal = false): InterfaceAddress => ({
  interfaceName,
  family: text.includes(':') ? 'IPv6' : 'IPv4',
  address: text,
  prefixBits,
  isInternal,
})
const addresses = [
  address('lo0', '127.0.0.1', 8, true),
  address('en0', '192.168.1.5', 24),
  address('en5', 'fe80::1', 64),
  address('en5', '169.254.7.7', 16),
  address('en6', '10.9.0.1', 30),
  address('en0', 'fe80::2', 64),
]
const kind = (name: string) => (name === 'en5' || name === 'en6' ? 'thunderbolt' : 'wifi')
const path = (localAddress: string, remoteHost: string) => describePath({ localAddress, remoteHost }, addresses, kind)

describe('describePath', () => {
  it.each([
    ['the own network', '::ffff:192.168.1.5', '192.168.1.9', { isNeighbour: true, isOnCable: false }],
    ['beyond a router', '192.168.1.5', '8.8.8.8', { isNeighbour: false, isOnCable: false }],
    ['the same machine', '127.0.0.1', '127.0.0.1', { isNeighbour: true, isOnCable: false }],
    ['a cable, IPv6', 'fe80::1%en5', 'fe80::99%en5', { isNeighbour: true, isOnCable: true }],
    ['a cable, IPv4', '169.254.7.7', '169.254.7.8', { isNeighbour: true, isOnCable: true }],
    ['a link-local address of Wi-Fi', 'fe80::2%en0', 'fe80::99%en0', { isNeighbour: true, isOnCable: false }],
    ['a routed address at a Thunderbolt port', '10.9.0.1', '10.9.0.2', { isNeighbour: true, isOnCable: false }],
    ['one from far away that comes in by a cable', '169.254.7.7', '8.8.8.8', { isNeighbour: false, isOnCable: false }],
  ])('%s', (_, local, remote, expected) => {
    expect(path(local, remote)).toEqual(expected)
  })
})
