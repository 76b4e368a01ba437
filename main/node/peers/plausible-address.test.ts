import { describe, expect, it } from 'vitest'
import type { InterfaceAddress } from '../../discovery/peers/network-interface.ts'
import { isPlausibleAddress } from './plausible-address.ts'

const own: InterfaceAddress[] = [
  { interfaceName: 'lo', family: 'IPv4', address: '127.0.0.1', prefixBits: 8, isInternal: true },
  { interfaceName: 'en0', family: 'IPv4', address: '130.60.1.7', prefixBits: 24, isInternal: false },
]

describe('A7: isPlausibleAddress', () => {
  it.each([
    '10.1.2.3',
    '172.31.0.1',
    '192.168.7.7',
    '169.254.3.4',
    '100.100.1.1',
    'fd77::2',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
    '130.60.1.200',
    '8.8.4.4',
  ])('takes %s', (host) => expect(isPlausibleAddress(host, '8.8.4.4', own)).toBe(true))

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '130.60.2.1',
    '130.60.1.7',
    '2001:db8::1',
    '127.0.0.1',
    '::1',
    '127.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    'router.local',
    'localhost',
    '',
  ])('refuses %s', (host) => expect(isPlausibleAddress(host, '10.0.0.2', own)).toBe(false))

  it('takes loopback of a node that is itself reached over it', () => {
    expect(isPlausibleAddress('127.0.0.1', '::1', own)).toBe(true)
    expect(isPlausibleAddress('127.0.0.1', 'localhost', own)).toBe(false)
  })
})
