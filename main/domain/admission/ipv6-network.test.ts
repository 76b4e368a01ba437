import { expect, it } from 'vitest'
import { ipv6Network } from './ipv6-network.ts'

it.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['fe80::1%en0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['10.0.0.9', null],
  ['::ffff:10.0.0.9', null],
  ['studio.local', null],
  ['', null],
])('the network of %s is %s', (address, network) => expect(ipv6Network(address)).toBe(network))
