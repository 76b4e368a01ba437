import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ListeningServer, startListeningServer } from '../../platform/__fixtures__/listening-server.ts'
import { systemClock } from '../../platform/clock.ts'
import { NodeId } from '../../shared/ids.ts'
import type { LinkedPeer } from '../../cluster/link/links.ts'
import type { PathWidth } from '../../cluster/judge-path-width.ts'
import { PeerPaths } from './peer-paths.ts'

const HERE = '127.0.0.1'
const GONE = '10.255.255.1'
const ALSO_GONE = '10.255.255.2'

describe('paths to a peer', () => {
  const ending = new AbortController()
  let server: ListeningServer
  afterEach(async () => {
    ending.abort()
    await server.close()
  })

  it('F2: count while an address that is gone keeps the measurement waiting, which the next report of addresses ends', async () => {
    server = await startListeningServer(HERE)
    const peer = { nodeId: NodeId.parse('b'), address: { host: HERE, port: Number(new URL(server.url).port) } } as LinkedPeer
    let addresses = [GONE]
    const asked: string[] = []
    const paths = new PeerPaths(
      {
        nodeId: NodeId.parse('a'),
        clock: systemClock,
        kindOfInterface: () => 'other',
        peers: () => [peer],
        addressesOf: () => addresses,
        onChange: () => undefined,
        provesItselfAt(_peer, address, signal) {
          asked.push(address)
          if (address === HERE) return Promise.resolve(true)
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }))
        },
        widthOf: () => Promise.resolve('wide'),
        onNarrowLink: () => undefined,
        throughputOf: () => Promise.resolve(null),
      },
      ending.signal,
    )
    paths.measureAll()
    await vi.waitFor(() => expect(paths.links().map(({ address }) => address)).toEqual([HERE]), 10_000)
    expect(asked.filter((address) => address === GONE)).toHaveLength(1)
    addresses = [ALSO_GONE]
    paths.measureAll()
    await vi.waitFor(() => expect(asked).toContain(ALSO_GONE), 10_000)
    expect(paths.links().map(({ address }) => address)).toEqual([HERE])
  })

  it('F7: leave out an address at which large packets are lost, also where it was the only one, and name it', async () => {
    server = await startListeningServer(HERE)
    const peer = { nodeId: NodeId.parse('b'), address: { host: HERE, port: Number(new URL(server.url).port) } } as LinkedPeer
    let width: PathWidth = 'wide'
    const left: string[] = []
    const paths = new PeerPaths(
      {
        nodeId: NodeId.parse('a'),
        clock: systemClock,
        kindOfInterface: () => 'other',
        peers: () => [peer],
        addressesOf: () => [HERE],
        onChange: () => undefined,
        provesItselfAt: () => Promise.resolve(true),
        widthOf: () => Promise.resolve(width),
        onNarrowLink: ({ nodeId }) => left.push(nodeId),
        throughputOf: () => Promise.resolve(null),
      },
      new AbortController().signal,
    )
    const whenPathsAre = (addresses: readonly string[]): Promise<void> =>
      vi.waitFor(() => expect(paths.links().map(({ address }) => address)).toEqual(addresses), 10_000)
    paths.measureAll()
    await whenPathsAre([HERE])
    expect(paths.narrow()).toEqual([])
    width = 'narrow'
    paths.doubt()
    await whenPathsAre([])
    expect(paths.narrow()).toEqual([{ to: 'b', address: HERE }])
    expect(left).toEqual(['b'])
    width = 'wide'
    paths.measureAll()
    await whenPathsAre([HERE])
    expect(paths.narrow()).toEqual([])
    // A step that stands still is reason enough to test, but not each time.
    width = 'narrow'
    paths.suspect()
    await whenPathsAre([])
    expect(paths.narrow()).toEqual([{ to: 'b', address: HERE }])
    width = 'wide'
    paths.measureAll()
    await whenPathsAre([HERE])
    width = 'narrow'
    paths.suspect()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(paths.narrow()).toEqual([])
  })
})
