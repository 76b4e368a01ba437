import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z, ZodError } from 'zod'
import { systemClock } from '../platform/clock.ts'
import { createLog } from '../platform/log/log.ts'
import { systemRandom } from '../platform/random.ts'
import { NodeId } from '../shared/ids.ts'
import { PeerMessage, type PeerMessageOf } from '../shared/wire/peer/peer-message.ts'
import { openIdentity, type NodeIdentity } from './identity/open-identity.ts'
import { createLinks } from './link/create-links.ts'
import { requestJson, sendJson } from './link/streams/json-stream.ts'
import type { LinkedPeer, Links } from './link/links.ts'
import type { LinkEnd } from './link/peer-link.ts'
import { RoutedLinks, type RoutedLinksDependencies } from './routed-links.ts'

const log = createLog({ level: 'silent', format: 'json', write: () => {} })
const begins = (count: number): PeerMessageOf<'steps-begin'> => ({ type: 'steps-begin', instanceId: 'x' as never, epoch: 1, begins: count })

/** Links whose messages wait until the test delivers them; messages on a link that breaks are lost. */
class Network {
  readonly nodes = new Map<
    string,
    {
      routes: RoutedLinks
      heard: string[]
      up: (peer: string) => void
      down: (peer: string, code: LinkEnd['code']) => void
      take: (from: string, message: PeerMessage) => void
    }
  >()
  readonly #linked = new Set<string>()
  #underWay: { pair: string; deliver: () => void }[] = []
  readonly #ticks: (() => void)[] = []
  readonly #end = new AbortController()
  #nowMs = 1000
  sent = 0

  add(name: string): void {
    const [ups, downs, takers]: [
      ((peer: LinkedPeer) => void)[],
      ((nodeId: NodeId, end: LinkEnd) => void)[],
      ((from: NodeId, message: PeerMessage) => void)[],
    ] = [[], [], []]
    const peers = (): string[] => [...this.nodes.keys()].filter((other) => this.isLinked(name, other))
    const send = (to: string, message: PeerMessage): boolean => {
      if (!this.isLinked(name, to)) return false
      this.sent += 1
      const text = JSON.stringify(message)
      this.#underWay.push({ pair: pairOf(name, to), deliver: () => this.nodes.get(to)?.take(name, PeerMessage.parse(JSON.parse(text))) })
      return true
    }
    const links = {
      nodeId: NodeId.parse(name),
      send,
      broadcast: (message: PeerMessage) => peers().forEach((to) => send(to, message)),
      peers: () => peers().map((peer) => ({ nodeId: NodeId.parse(peer) })),
      onPeer: (listener: (typeof ups)[number]) => void ups.push(listener),
      onPeerLost: (listener: (typeof downs)[number]) => void downs.push(listener),
      onMessage: (listener: (typeof takers)[number]) => void takers.push(listener),
      handleStream: () => undefined,
      openStream: () => undefined,
    } as unknown as RoutedLinksDependencies['links']
    const routes = new RoutedLinks(
      { links, clock: { epochMs: () => this.#nowMs, every: (_, tick) => void this.#ticks.push(tick) }, log },
      this.#end.signal,
    )
    const heard: string[] = []
    routes.onMessage((from, message) => message.type === 'steps-begin' && heard.push(`${from} ${message.begins}`))
    this.nodes.set(name, {
      routes,
      heard,
      up: (peer) => ups.forEach((listener) => listener({ nodeId: NodeId.parse(peer) } as LinkedPeer)),
      down: (peer, code) => downs.forEach((listener) => listener(NodeId.parse(peer), { code, message: 'it is over' })),
      take: (from, message) => takers.forEach((listener) => listener(NodeId.parse(from), message)),
    })
  }

  isLinked(a: string, b: string): boolean {
    return this.#linked.has(pairOf(a, b))
  }

  link(a: string, b: string): void {
    if (a === b || this.isLinked(a, b)) return
    this.#linked.add(pairOf(a, b))
    this.nodes.get(a)!.up(b)
    this.nodes.get(b)!.up(a)
  }

  unlink(a: string, b: string, code: LinkEnd['code'] = 'closed'): void {
    if (!this.isLinked(a, b)) return
    this.#linked.delete(pairOf(a, b))
    this.#underWay = this.#underWay.filter(({ pair }) => pair !== pairOf(a, b))
    this.nodes.get(a)!.down(b, code)
    this.nodes.get(b)!.down(a, code)
  }

  /** Delivers the messages sent before, and lets a tick pass. */
  round(): void {
    this.#nowMs += 100
    for (const { deliver } of this.#underWay.splice(0)) deliver()
    for (const tick of this.#ticks) tick()
  }

  /** Repeats until no messages are sent. */
  settle(): void {
    for (let quiet = 0, rounds = 0; quiet < 2; rounds += 1) {
      const { sent } = this
      this.round()
      quiet = this.sent === sent ? quiet + 1 : 0
      if (rounds > 200) throw new Error('the nodes never stop telling')
    }
  }

  componentOf(name: string): string[] {
    const component = new Set([name])
    for (const member of component) for (const other of this.nodes.keys()) if (this.isLinked(member, other)) component.add(other)
    return [...component].sort()
  }

  reachedBy(name: string): string[] {
    return [
      name,
      ...this.nodes
        .get(name)!
        .routes.peers()
        .map(({ nodeId }) => nodeId),
    ].sort()
  }
}

const pairOf = (a: string, b: string): string => [a, b].sort().join()

function networkOf(names: readonly string[], ...pairs: readonly string[]): Network {
  const network = new Network()
  for (const name of names) network.add(name)
  for (const [a = '', b = ''] of pairs) network.link(a, b)
  network.settle()
  return network
}

describe('RoutedLinks', () => {
  it('brings messages to nodes without a link, and to all', () => {
    const network = networkOf(['a', 'b', 'c', 'd'], 'ab', 'bc', 'cd')
    const { routes } = network.nodes.get('a')!
    expect(routes.send(NodeId.parse('d'), begins(1))).toBe(true)
    routes.broadcast(begins(2))
    network.settle()
    expect(['b', 'c', 'd'].map((name) => network.nodes.get(name)!.heard)).toEqual([['a 2'], ['a 2'], ['a 1', 'a 2']])
    network.unlink('c', 'd')
    network.settle()
    expect(routes.send(NodeId.parse('d'), begins(3))).toBe(false)
  })

  it('tells that another way was found, so that what was lost is told again', () => {
    const network = networkOf(['a', 'b', 'c'], 'ab', 'bc', 'ac')
    const reached: string[] = []
    network.nodes.get('a')!.routes.onReached((nodeId) => reached.push(nodeId))
    network.unlink('a', 'c')
    network.settle()
    network.link('a', 'c')
    network.settle()
    expect(reached).toEqual(['c', 'c'])
  })

  it('knows who fell silent, until it is back', () => {
    const network = networkOf(['a', 'b', 'c'], 'ab', 'ac')
    const { routes } = network.nodes.get('a')!
    const silent = (): boolean[] => ['b', 'c'].map((name) => routes.wasSilent(NodeId.parse(name)))
    network.unlink('a', 'b', 'silent')
    network.unlink('a', 'c')
    expect(silent()).toEqual([true, false])
    network.link('a', 'b')
    expect(silent()).toEqual([false, false])
  })

  it('ignores messages on behalf of a directly linked node, and relays nothing between the two ends of a link', () => {
    const network = networkOf(['a', 'b', 'c', 'd'], 'ab', 'ac', 'bc', 'cd')
    const relayed = (from: string, message: unknown): PeerMessage => ({
      type: 'relayed',
      from: NodeId.parse(from),
      to: NodeId.parse('a'),
      hopsLeft: 3,
      message,
    })
    network.nodes.get('a')!.take('c', relayed('b', begins(1)))
    network.nodes.get('a')!.take('c', relayed('d', { type: 'unknown' }))
    network.nodes.get('a')!.take('c', relayed('d', { type: 'link-map', entries: [] }))
    network.nodes.get('a')!.take('c', relayed('d', begins(2)))
    expect(network.nodes.get('a')!.heard).toEqual(['d 2'])
  })

  it('A5: no version that a peer makes up silences a node, itself included', () => {
    const network = networkOf(['a', 'b', 'c', 'd'], 'ab', 'ac', 'bc', 'cd')
    const [b, c] = [NodeId.parse('b'), NodeId.parse('c')]
    const forged = (nodeId: NodeId, version: number): PeerMessage =>
      PeerMessage.parse({ type: 'link-map', entries: [{ nodeId, version, peers: [] }] })
    for (const version of [2 ** 45, 2 ** 45 - 1]) {
      // About c, which has a direct link to a, and about b to b itself.
      network.nodes.get('a')!.take('b', forged(c, version))
      network.nodes.get('b')!.take('c', forged(b, version))
    }
    network.settle()
    expect(network.reachedBy('a')).toEqual(['a', 'b', 'c', 'd'])
    network.unlink('a', 'b')
    network.settle()
    for (const name of ['a', 'b', 'c', 'd']) expect(network.reachedBy(name)).toEqual(['a', 'b', 'c', 'd'])
    expect(() => forged(b, 2 ** 45 + 1)).toThrow(ZodError)
    expect(() => forged(b, Number.MAX_SAFE_INTEGER)).toThrow(ZodError)
  })

  it('needs one message per node and peer when all are linked with all', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const network = networkOf(names, ...names.flatMap((a, index) => names.slice(index + 1).map((b) => a + b)))
    const { sent } = network
    network.unlink('a', 'b')
    network.settle()
    // Each of the two informs its 3 peers, the first of which passes it on to the other one.
    expect(network.sent - sent).toBeLessThanOrEqual(2 * 3 + 2 * 3)
  })

  it('reaches exactly the connected nodes, after any history', () => {
    const change = fc.record({ a: fc.nat(6), b: fc.nat(6), isUp: fc.boolean(), rounds: fc.nat(2) })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 7 }), fc.array(change, { maxLength: 40 }), (count, changes) => {
        const names = [...'abcdefg'].slice(0, count)
        const network = networkOf(names)
        for (const { a, b, isUp, rounds } of changes) {
          network[isUp ? 'link' : 'unlink'](names[a % count]!, names[b % count]!)
          for (let round = 0; round < rounds; round += 1) network.round()
        }
        network.settle()
        for (const name of names) expect([name, network.reachedBy(name)]).toEqual([name, network.componentOf(name)])
      }),
      { numRuns: 200 },
    )
  })
})

describe('RoutedLinks over three real nodes in a row', () => {
  const identities: NodeIdentity[] = []
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-routes-'))
    for (const name of ['a', 'b', 'c']) identities.push(await openIdentity(join(folder, name), { log, random: systemRandom }))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const end = new AbortController()
  const running: Links<PeerMessage>[] = []
  afterEach(async () => {
    end.abort()
    await Promise.all(running.splice(0).map((links) => links.close()))
  })

  it('asks, sends much, and hears at once when the node between goes', async () => {
    const nodes = await Promise.all(
      identities.map(async (identity, index) => {
        const links = createLinks({
          identity,
          nodeName: `node ${index}`,
          totalBytes: 8e9,
          clusterName: 'test',
          clusterKey: null,
          listen: { host: '127.0.0.1', port: 0 },
          schema: PeerMessage,
          clock: systemClock,
          random: systemRandom,
          log,
        })
        running.push(links)
        const routes = new RoutedLinks({ links, clock: systemClock, log }, end.signal)
        return { links, routes, ...(await links.listen()) }
      }),
    )
    const [first, middle, last] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
    for (const { port } of [first, last]) middle.links.dial({ host: '127.0.0.1', port, nodeId: null, isStatic: true, delayMs: 0 })
    const lastId = last.links.nodeId
    await vi.waitFor(() => expect(first.routes.peers().map(({ nodeId }) => nodeId)).toContain(lastId), { timeout: 10_000 })

    last.routes.handleStream('double', async (stream) => sendJson(stream, Number(stream.header) * 2))
    expect(await requestJson(first.routes.openStream(lastId, 'double', 21), z.number())).toBe(42)
    await expect(requestJson(first.routes.openStream(lastId, 'unheard-of', 0), z.number())).rejects.toMatchObject({
      code: 'unknown-stream-kind',
    })

    last.routes.handleStream('echo', async (stream) => {
      for await (const chunk of stream) await stream.send(chunk)
    })
    const echo = first.routes.openStream(lastId, 'echo', null)
    const sending = (async () => {
      for (let index = 0; index < 100; index += 1) await echo.send(new Uint8Array(100_000).fill(index))
      await echo.end()
    })()
    let [bytes, sum] = [0, 0]
    for (let chunk = await echo.receive(); chunk !== null; chunk = await echo.receive())
      [bytes, sum] = [bytes + chunk.length, sum + chunk[0]!]
    await sending
    expect([bytes, sum]).toEqual([10_000_000, 4950])

    const broken = first.routes.openStream(lastId, 'echo', null)
    await broken.send(new Uint8Array(1))
    await broken.receive()
    await middle.links.close()
    await expect(broken.receive()).rejects.toMatchObject({ code: 'link-lost' })
    expect(() => first.routes.openStream(lastId, 'echo', null)).toThrow(expect.objectContaining({ code: 'no-link' }))
  })
})
