import { expect, it } from 'vitest'
import type { InterfaceAddress } from '../../discovery/peers/network-interface.ts'
import { scopedHere, scopedTowards } from './scoped-addresses.ts'

const at = (interfaceName: string, address: string, isInternal = false): InterfaceAddress => ({
  interfaceName,
  address,
  family: address.includes(':') ? 'IPv6' : 'IPv4',
  prefixBits: 64,
  isInternal,
})
const own = [at('lo', 'fe80::9', true), at('en0', '10.0.0.1'), at('en0', 'fe80::1'), at('en5', 'fe80::5')]

it('names the interface of a link-local address of this machine, whatever the other end calls its own', () => {
  expect(scopedHere('fe80::5%eth7', own)).toBe('fe80::5%en5')
  expect(scopedHere('fe80::5', own)).toBe('fe80::5%en5')
  expect(scopedHere('fe80::77%en0', own)).toBe('fe80::77')
  expect(['10.0.0.1', 'fd00::1'].map((address) => scopedHere(address, own))).toEqual(['10.0.0.1', 'fd00::1'])
})

it('looks for a link-local address through each interface that has one, and for others as they are', () => {
  expect(scopedTowards('fe80::77', own)).toEqual(['fe80::77%en0', 'fe80::77%en5'])
  expect(scopedTowards('fe80::77%en5', own)).toEqual(['fe80::77%en5'])
  expect(scopedTowards('fd00::1', own)).toEqual(['fd00::1'])
})
