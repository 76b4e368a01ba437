import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ManualClock } from '../platform/__fixtures__/manual-clock.ts'
import { systemClock } from '../platform/clock.ts'
import { systemRandom } from '../platform/random.ts'
import { startNarrowRelay } from './__fixtures__/narrow-relay.ts'
import { exchangeLargePackets } from './exchange-large-packets.ts'
import { type NodeIdentity, openIdentity } from './identity/open-identity.ts'
import { judgePathWidth, type PathProbes, type PathWidth } from './judge-path-width.ts'
import { createTestLinks, silentLog } from './__fixtures__/create-test-links.ts'
import type { Links } from './link/links.ts'
import { provesItselfAt } from './proves-itself-at.ts'

const signal = new AbortController().signal
const LONG_MS = 60_000
const untilAborted = (until: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => until.addEventListener('abort', () => resolve(false), { once: true }))

describe('F7: the width of a path, by its probes', () => {
  async function judge(probes: Partial<PathProbes>, forMs = LONG_MS): Promise<PathWidth | 'asks still'> {
    const clock = new ManualClock()
    let width: PathWidth | 'asks still' = 'asks still'
    void judgePathWidth({ exchangeLarge: untilAborted, exchangeSmall: () => Promise.resolve(true), ...probes }, clock, signal).then(
      (judged) => (width = judged),
    )
    await clock.advance(forMs)
    return width
  }

  it('is narrow where small packets come back and large ones do not, within four seconds', async () =>
    expect(await judge({}, 4_000)).toBe('narrow'))
  it('is not judged by a second or two, which one lost packet takes', async () => expect(await judge({}, 2_500)).toBe('asks still'))
  it('is unknown where the peer has no time for small ones either', async () =>
    expect(await judge({ exchangeSmall: () => Promise.resolve(false) })).toBe('unknown'))
  it('is unknown where the exchange broke off', async () =>
    expect(await judge({ exchangeLarge: () => Promise.resolve(false) })).toBe('unknown'))
  it('is wide where chance stalls the first exchange and another one passes', async () => {
    let exchanges = 0
    const exchangeLarge = (until: AbortSignal): Promise<boolean> => (++exchanges === 1 ? untilAborted(until) : Promise.resolve(true))
    expect(await judge({ exchangeLarge })).toBe('wide')
  })
  it('asks for few large ones, however long no answer comes', async () => {
    let exchanges = 0
    const exchangeLarge = (until: AbortSignal): Promise<boolean> => {
      exchanges += 1
      return untilAborted(until)
    }
    expect(await judge({ exchangeLarge, exchangeSmall: () => Promise.resolve(false) })).toBe('unknown')
    expect(exchanges).toBe(3)
  })
  it('is wide where the large one comes after some small ones', async () => {
    let answers = 0
    let arrive: (hasPassed: boolean) => void = () => undefined
    const exchangeLarge = (): Promise<boolean> => new Promise((resolve) => (arrive = resolve))
    const exchangeSmall = (): Promise<boolean> => {
      if (++answers === 2) arrive(true)
      return Promise.resolve(true)
    }
    expect(await judge({ exchangeLarge, exchangeSmall })).toBe('wide')
  })
})

describe('F7: the width of a path, between two nodes', () => {
  const SCALE = 2
  /** Shorter times for the test; those of connections are unchanged. */
  const quickClock = {
    now: () => systemClock.now() * SCALE,
    sleep: (durationMs: number, until?: AbortSignal) => systemClock.sleep(durationMs / SCALE, until),
  }
  /** More than a handshake, and less than the exchange. */
  const HANDSHAKE_BYTES = 6_000
  let folder: string
  let [first, second]: NodeIdentity[] = []
  let links: Links<unknown>[]
  let port: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-width-'))
    ;[first, second] = await Promise.all(
      ['a', 'b'].map((name) => openIdentity(join(folder, name), { log: silentLog, random: systemRandom })),
    )
    links = [first!, second!].map((identity) => createTestLinks({ identity, schema: z.unknown() }))
    port = (await Promise.all(links.map(async (node) => (await node.listen()).port)))[1]!
    links[0]!.dial({ host: '127.0.0.1', port, nodeId: null, isStatic: true, delayMs: 0 })
    await vi.waitFor(() => expect(links.map((node) => node.peers().length)).toEqual([1, 1]), { timeout: 20_000 })
  })
  afterAll(async () => {
    await Promise.all(links.map((node) => node.close()))
    await rm(folder, { recursive: true })
  })

  const judgeAt = (at: number): Promise<PathWidth> => {
    const address = { host: '127.0.0.1', port: at }
    return judgePathWidth(
      {
        exchangeLarge: (until) => exchangeLargePackets(address, first!, until),
        exchangeSmall: (until) => provesItselfAt(second!.nodeId, address, first!, systemClock, until),
      },
      quickClock,
      signal,
    )
  }

  it('is wide where nothing is lost', async () => {
    expect(await exchangeLargePackets({ host: '127.0.0.1', port }, first!, signal)).toBe(true)
    expect(await judgeAt(port)).toBe('wide')
  })

  it('is narrow where a connection stands still after its first small packets', async () => {
    const relay = await startNarrowRelay(port, HANDSHAKE_BYTES)
    try {
      expect(await provesItselfAt(second!.nodeId, { host: '127.0.0.1', port: relay.port }, first!, systemClock, signal)).toBe(true)
      expect(await judgeAt(relay.port)).toBe('narrow')
    } finally {
      relay.close()
    }
  })

  it('is unknown if nothing listens', async () => expect(await judgeAt(1)).toBe('unknown'))
})
