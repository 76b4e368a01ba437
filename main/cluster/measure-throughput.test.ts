import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../platform/clock.ts'
import { systemRandom } from '../platform/random.ts'
import { type NodeIdentity, openIdentity } from './identity/open-identity.ts'
import { createTestLinks, silentLog } from './__fixtures__/create-test-links.ts'
import type { Links } from './link/links.ts'
import { THROUGHPUT_MS } from './link/sockets/throughput-limits.ts'
import { exchangeLargePackets } from './exchange-large-packets.ts'
import { measureThroughput } from './measure-throughput.ts'

const signal = new AbortController().signal

describe('measureThroughput', () => {
  let folder: string
  let [first, second, stranger]: NodeIdentity[] = []
  let links: Links<unknown>[]
  let ports: number[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-throughput-'))
    ;[first, second, stranger] = await Promise.all(
      ['a', 'b', 'c'].map((name) => openIdentity(join(folder, name), { log: silentLog, random: systemRandom })),
    )
    links = [first!, second!].map((identity) => createTestLinks({ identity, schema: z.unknown() }))
    ports = await Promise.all(links.map(async (node) => (await node.listen()).port))
    links[0]!.dial({ host: '127.0.0.1', port: ports[1]!, nodeId: null, isStatic: true, delayMs: 0 })
    await vi.waitFor(() => expect(links.map((node) => node.peers().length)).toEqual([1, 1]), { timeout: 10_000 })
  })
  afterAll(async () => {
    await Promise.all(links.map((node) => node.close()))
    await rm(folder, { recursive: true })
  })
  const measure = (peer: NodeIdentity, own: NodeIdentity, port = ports[1]!): Promise<number | null> =>
    measureThroughput(peer.nodeId, { host: '127.0.0.1', port }, own, systemClock, signal)

  it('tells how fast a peer sends, in about a second at most, and again', async () => {
    const startMs = performance.now()
    const measured = [await measure(second!, first!), await measure(second!, first!)]
    expect(measured.every((rate) => rate !== null && rate > 1e6)).toBe(true)
    expect(performance.now() - startMs).toBeLessThan(60 * THROUGHPUT_MS)
  })

  it('tells nothing of a node that is another one, that does not know this one, or that is not there', async () => {
    expect(await measure(stranger!, first!)).toBeNull()
    expect(await measure(second!, stranger!)).toBeNull()
    expect(await measure(second!, first!, 1)).toBeNull()
  })

  it('ends when it is given up', async () => {
    const giveUp = new AbortController()
    const measuring = measureThroughput(second!.nodeId, { host: '127.0.0.1', port: ports[1]! }, first!, systemClock, giveUp.signal)
    giveUp.abort()
    expect(await measuring).toBeNull()
  })

  it('does not begin when it is given up before, and leaves no error behind', async () => {
    const address = { host: '127.0.0.1', port: ports[1]! }
    expect(await measureThroughput(second!.nodeId, address, first!, systemClock, AbortSignal.abort())).toBeNull()
    expect(await exchangeLargePackets(address, first!, AbortSignal.abort())).toBe(false)
    // An error without a listener would be reported by now, and fails the run.
    await systemClock.sleep(20, signal)
  })
})
