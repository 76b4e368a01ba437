import { expect, it } from 'vitest'
import { networkUrls } from './network-urls.ts'

const interfaces = [
  { name: 'lo', kind: 'other' as const, addresses: ['127.0.0.1', '::1'] },
  { name: 'en0', kind: 'ethernet' as const, addresses: ['10.0.0.5', 'fe80::1'] },
  { name: 'en1', kind: 'wifi' as const, addresses: ['192.168.1.7', '169.254.3.4'] },
  { name: 'bridge0', kind: 'thunderbolt' as const, addresses: ['10.99.0.1'] },
]

it.each([
  ['127.0.0.1', []],
  ['0.0.0.0', ['http://192.168.1.7:8080', 'http://10.0.0.5:8080']],
  ['::', ['http://192.168.1.7:8080', 'http://10.0.0.5:8080']],
  ['10.0.0.5', ['http://10.0.0.5:8080']],
  ['fd00::5', ['http://[fd00::5]:8080']],
])('an API on %s is reached at %j', (host, urls) => expect(networkUrls({ host, port: 8080 }, interfaces)).toEqual(urls))
