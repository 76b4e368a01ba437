import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ListeningServer, startListeningServer } from '../platform/__fixtures__/listening-server.ts'
import { systemClock } from '../platform/clock.ts'
import { NodeId } from '../shared/ids.ts'
import { measurePaths } from './measure-paths.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((entries) => entries?.some(({ address }) => address === '::1'))

let server: ListeningServer
beforeEach(async () => {
  server = await startListeningServer(hasIpv6 ? '::' : '127.0.0.1')
})
afterEach(() => server.close())

/** The addresses at which paths are found; `silent` ones do not answer. */
async function pathsAt(addresses: readonly string[], silent: readonly string[] = []): Promise<string[]> {
  const found: string[] = []
  const peer = {
    nodeId: NodeId.parse('b'),
    addresses,
    peerPort: Number(new URL(server.url).port),
    isAt: (address: string) => Promise.resolve(!silent.includes(address)),
    onPath: ({ address }: { address: string }) => void found.push(address),
  }
  await measurePaths(NodeId.parse('a'), peer, () => 'ethernet', systemClock, new AbortController().signal)
  return found
}

it.runIf(hasIpv6)('finds paths over IPv6 where IPv4 does not lead to the peer, and only there', async () => {
  expect(await pathsAt(['::1', '::ffff:127.0.0.1'])).toEqual(['127.0.0.1'])
  expect(await pathsAt(['::1'])).toEqual(['::1'])
  expect(await pathsAt(['127.0.0.1', '::1'], ['127.0.0.1'])).toEqual(['::1'])
  expect(await pathsAt(['a name'])).toEqual([])
})
