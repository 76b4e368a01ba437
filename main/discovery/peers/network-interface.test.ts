import { describe, expect, it } from 'vitest'
import { broadcastAddress, interfaceFacing, readInterfaceAddresses, type InterfaceAddress } from './network-interface.ts'

const address = (interfaceName: string, text: string, prefixBits: number): InterfaceAddress => ({
  interfaceName,
  family: text.includes(':') ? 'IPv6' : 'IPv4',
  address: text,
  prefixBits,
  isInternal: interfaceName === 'lo',
})

const addresses = [
  address('lo', '127.0.0.1', 8),
  address('eth0', '192.168.1.7', 24),
  address('tb0', '192.168.1.129', 25),
  address('eth0', 'fe80::7', 64),
  address('tb0', 'fe80::8', 64),
  address('eth0', 'fd00::7', 64),
]

describe('broadcastAddress', () => {
  it.each([
    ['192.168.1.7', 24, '192.168.1.255'],
    ['10.1.2.3', 8, '10.255.255.255'],
    ['172.16.5.9', 20, '172.16.15.255'],
    ['255.1.2.3', 30, '255.1.2.3'],
    ['10.0.0.1', 31, null],
    ['10.0.0.1', 32, null],
    ['fe80::1', 64, null],
  ])('of %s/%d is %s', (text, prefixBits, expected) => expect(broadcastAddress(address('x', text, prefixBits))).toBe(expected))
})

describe('interfaceFacing', () => {
  it.each([
    ['192.168.1.20', 'eth0', false],
    ['192.168.1.200', 'tb0', false],
    ['192.168.1.7', 'eth0', true],
    ['127.0.0.1', 'lo', true],
    ['fe80::9%tb0', 'tb0', false],
    ['fe80::8%tb0', 'tb0', true],
    ['fd00::99', 'eth0', false],
  ])('%s is behind %s', (host, interfaceName, isInternal) =>
    expect(interfaceFacing(host, addresses)).toMatchObject({ interfaceName, isInternal }),
  )

  it.each(['8.8.8.8', 'fd01::1', 'fe80::9%wlan0', 'host.example', ''])('%j is behind a router, or no address', (host) =>
    expect(interfaceFacing(host, addresses)).toBeNull(),
  )
})

describe('readInterfaceAddresses', () => {
  it('knows the loopback of this machine', () => {
    expect(readInterfaceAddresses()).toContainEqual(
      expect.objectContaining({ family: 'IPv4', address: '127.0.0.1', prefixBits: 8, isInternal: true }),
    )
  })
})
