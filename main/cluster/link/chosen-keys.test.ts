import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity, type NodeIdentity } from '../identity/open-identity.ts'
import { KeyExchange } from '../key-exchange/key-exchange.ts'
import { deriveClusterKey, proveClusterKey } from '../key-exchange/cluster-key.ts'
import { createLinks } from './create-links.ts'
import type { Greeting } from './greeting/link-frame.ts'
import { openLinkServer, type LinkServer } from './sockets/link-server.ts'
import { LINK_VERSIONS } from './greeting/link-versions.ts'
import type { Links } from './links.ts'
import { dialSecurely, provenPeerOf, type ProvenPeer } from './sockets/secure-socket.ts'

/** Counts as chosen by people, although deriving it costs nothing. */
const KEY = '5'.repeat(64)
const WORD = 'the right key of home'
/** Slow to derive, so it is prepared before a test waits for an answer. */
const derived = new Map<string, Buffer>()
const CLUSTER = 'home'
const log = createLog({ level: 'silent', format: 'json', write: () => {} })
let folder: string
let victimIdentity: NodeIdentity
let strangerIdentity: NodeIdentity
let otherIdentity: NodeIdentity
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-chosen-keys-'))
  const open = (name: string): Promise<NodeIdentity> => openIdentity(join(folder, name), { log, random: systemRandom })
  ;[victimIdentity, strangerIdentity, otherIdentity] = [await open('victim'), await open('stranger'), await open('other')]
  for (const key of [KEY, WORD, 'a wrong guess', 'another word']) derived.set(key, await deriveClusterKey(key, CLUSTER))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const running: (Links<unknown> | LinkServer)[] = []
const sockets: WebSocket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await Promise.all(running.splice(0).map((started) => started.close()))
})

async function startVictim(clusterKey = KEY, identity = victimIdentity): Promise<{ links: Links<unknown>; port: number }> {
  const links = createLinks<unknown>({
    identity,
    nodeName: 'victim',
    totalBytes: 8e9,
    clusterName: CLUSTER,
    clusterKey,
    listen: { host: '127.0.0.1', port: 0 },
    schema: z.unknown(),
    clock: systemClock,
    random: systemRandom,
    log,
  })
  running.push(links)
  return { links, port: (await links.listen()).port }
}

/** One end of a conversation, controlled by an attacker. */
class Stranger {
  /** All frames that it received, in order. */
  readonly frames: Greeting[] = []
  readonly #webSocket: WebSocket
  readonly peer: ProvenPeer
  readonly #role: 'dialer' | 'acceptor'
  onFrame: (frame: Greeting) => void = () => undefined

  constructor(webSocket: WebSocket, peer: ProvenPeer, role: 'dialer' | 'acceptor') {
    this.#webSocket = webSocket
    this.peer = peer
    sockets.push(webSocket)
    webSocket.on('error', () => undefined)
    webSocket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Greeting
      this.frames.push(frame)
      this.onFrame(frame)
    })
    this.#role = role
  }

  exchangeWith(key: string, scalarBytes: Uint8Array): KeyExchange {
    const { nodeId: peerId, channelBinding } = this.peer
    return new KeyExchange(
      {
        derivedKey: derived.get(key)!,
        clusterName: CLUSTER,
        purpose: 'link',
        role: this.#role,
        selfId: strangerIdentity.nodeId,
        peerId,
        channelBinding,
      },
      scalarBytes,
    )
  }

  say(frame: unknown): void {
    this.#webSocket.send(JSON.stringify(frame))
  }

  hello(shown: { keyProof?: string | null; keyShare?: string }, versions = LINK_VERSIONS): void {
    this.say({
      type: 'hello',
      protocol: versions.min,
      versions,
      clusterName: CLUSTER,
      nodeName: 'your Mac',
      totalBytes: 8e9,
      peerPort: 9,
      keyProof: null,
      ...shown,
    })
  }

  async heard(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.frames.length).toBeGreaterThanOrEqual(count), { timeout: 20_000, interval: 10 })
  }

  shareHeard(): string {
    const [first] = this.frames
    return first?.type === 'hello' ? (first.keyShare ?? '') : ''
  }

  proofs(): string[] {
    return this.frames.flatMap((frame) => (frame.keyProof ? [frame.keyProof] : []))
  }
}

/** An attacker that the victim dials. */
async function beDialled(links: Links<unknown>): Promise<Stranger> {
  const met = new Promise<Stranger>((resolve, reject) => {
    openLinkServer(
      strangerIdentity,
      { host: '127.0.0.1', port: 0 },
      {
        link: async (webSocket, _socket, peer) => {
          resolve(new Stranger(webSocket, peer, 'acceptor'))
          return true
        },
        isLinked: () => false,
      },
    ).then((server) => {
      running.push(server)
      links.dial({ host: '127.0.0.1', port: server.port, nodeId: null, isStatic: true, delayMs: 0 })
    }, reject)
  })
  const stranger = await met
  await stranger.heard(1)
  return stranger
}

async function dial(port: number): Promise<Stranger> {
  const socket = await dialSecurely('127.0.0.1', port, strangerIdentity, AbortSignal.timeout(20_000))
  const webSocket = new WebSocket('ws://exo/link', { createConnection: () => socket })
  const stranger = new Stranger(webSocket, provenPeerOf(socket), 'dialer')
  await new Promise((resolve) => webSocket.once('open', resolve))
  return stranger
}

const refusedAs = (links: Links<unknown>, code: string): Promise<void> =>
  vi.waitFor(() => expect(links.refused()).toMatchObject([{ code }]), { timeout: 20_000, interval: 10 })

describe('B2: a fake acceptor', () => {
  it('is shown a share and nothing else before it takes part', async () => {
    const { links } = await startVictim()
    const stranger = await beDialled(links)
    expect(stranger.frames).toMatchObject([{ type: 'hello', keyProof: null, keyShare: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    stranger.say({ type: 'refusal', code: 'key-wrong', clusterName: CLUSTER, nodeName: 'your Mac', totalBytes: 8e9, needsKey: true })
    await refusedAs(links, 'key-wrong')
    expect(stranger.proofs()).toEqual([])
  })

  it('takes one proof home, which fits the key only where its one guess was right', async () => {
    const { links } = await startVictim(WORD)
    const stranger = await beDialled(links)
    const scalarBytes = randomBytes(32)
    const fake = stranger.exchangeWith('a wrong guess', scalarBytes)
    stranger.hello({ keyShare: fake.share })
    await stranger.heard(2)
    expect(stranger.frames.map(({ type }) => type)).toEqual(['hello', 'key-proof'])
    const [proof] = stranger.proofs()
    for (const word of ['a wrong guess', WORD, 'another word']) {
      for (const role of ['dialer', 'acceptor'] as const)
        expect(proof).not.toBe(proveClusterKey(derived.get(word)!, stranger.peer.channelBinding, role))
      const exchange = stranger.exchangeWith(word, scalarBytes)
      exchange.meet(stranger.shareHeard())
      expect(exchange.isProven(proof!)).toBe(false)
    }
    stranger.say({ type: 'key-proof', keyProof: proof })
    await refusedAs(links, 'key-wrong')
    expect(links.peers()).toEqual([])
  })

  it('is not believed when it says, without a proof, that there is another link', async () => {
    const { links } = await startVictim()
    const stranger = await beDialled(links)
    stranger.hello({ keyShare: stranger.exchangeWith('a wrong guess', randomBytes(32)).share })
    await stranger.heard(2)
    stranger.say({ type: 'refusal', code: 'duplicate', clusterName: CLUSTER, nodeName: 'your Mac', totalBytes: 8e9, needsKey: true })
    await refusedAs(links, 'key-wrong')
  })

  it.each<[string, string, Parameters<Stranger['hello']>]>([
    ['a version before key exchanges', 'other-protocol', [{ keyProof: '0'.repeat(64) }, { min: 2, max: 3 }]],
    ['an older version with a share', 'other-protocol', [{ keyShare: '2'.repeat(64) }, { min: 2, max: 3 }]],
    ['a proof in place of a share', 'key-wrong', [{ keyProof: '0'.repeat(64) }]],
    ['the neutral element', 'key-wrong', [{ keyShare: '0'.repeat(64) }]],
    ['no element', 'key-wrong', [{ keyShare: 'f'.repeat(64) }]],
    ['no key', 'key-missing', [{}]],
  ])('with %s gets no proof', async (_, code, said) => {
    const { links } = await startVictim()
    const stranger = await beDialled(links)
    stranger.hello(...said)
    await refusedAs(links, code)
    await stranger.heard(2)
    expect(stranger.frames[1]).toMatchObject({ type: 'refusal', code })
    expect(stranger.proofs()).toEqual([])
  })

  it("that sends the dialer's own share and proof back gets nowhere", async () => {
    const { links } = await startVictim()
    const stranger = await beDialled(links)
    stranger.hello({ keyShare: stranger.shareHeard() })
    await refusedAs(links, 'key-wrong')
    expect(stranger.proofs()).toEqual([])
  })
})

describe('B2: a hostile dialer', () => {
  it('never sees a proof of the acceptor, which looks at one of its own', async () => {
    const { links, port } = await startVictim()
    const stranger = await dial(port)
    const guess = stranger.exchangeWith('a wrong guess', randomBytes(32))
    stranger.hello({ keyShare: guess.share })
    await stranger.heard(1)
    expect(guess.meet(stranger.shareHeard())).toBe(true)
    stranger.say({ type: 'key-proof', keyProof: guess.prove() })
    // A second guess on the same connection is not checked.
    stranger.say({ type: 'key-proof', keyProof: '0'.repeat(64) })
    await stranger.heard(2)
    expect(stranger.frames.map(({ type }) => type)).toEqual(['hello', 'refusal'])
    expect(stranger.proofs()).toEqual([])
    await refusedAs(links, 'key-wrong')
  })

  it.each<[string, string, Parameters<Stranger['hello']>]>([
    ['a version before key exchanges', 'other-protocol', [{}, { min: 2, max: 3 }]],
    ['a proof in place of a share', 'key-wrong', [{}]],
  ])('that holds the key and comes with %s is refused', async (_, code, [shown, versions]) => {
    const { port } = await startVictim()
    const stranger = await dial(port)
    stranger.hello({ ...shown, keyProof: proveClusterKey(derived.get(KEY)!, stranger.peer.channelBinding, 'dialer') }, versions)
    await stranger.heard(1)
    expect(stranger.frames).toMatchObject([{ type: 'refusal', code }])
    expect(stranger.proofs()).toEqual([])
  })

  it('with the key, and the share first, is believed: what the tests above refuse is what they say', async () => {
    const { links, port } = await startVictim()
    const stranger = await dial(port)
    const exchange = stranger.exchangeWith(KEY, randomBytes(32))
    stranger.hello({ keyShare: exchange.share })
    await stranger.heard(1)
    exchange.meet(stranger.shareHeard())
    stranger.say({ type: 'key-proof', keyProof: exchange.prove() })
    await vi.waitFor(() => expect(links.peers()).toMatchObject([{ nodeId: strangerIdentity.nodeId }]), { timeout: 20_000, interval: 10 })
    await stranger.heard(2)
    expect(exchange.isProven(stranger.proofs()[0]!)).toBe(true)
  })
})

describe('B2: a relay between two nodes that hold the key', () => {
  it('links with neither, whatever it forwards: each message belongs to one TLS session', async () => {
    const [one, two] = [await startVictim(), await startVictim(KEY, otherIdentity)]
    const [toOne, toTwo] = [await beDialled(one.links), await dial(two.port)]
    const passed: string[] = []
    const pass = (from: Stranger, to: Stranger): void => {
      from.onFrame = (frame) => {
        passed.push(frame.type)
        to.say(frame)
      }
      for (const frame of from.frames) from.onFrame(frame)
    }
    pass(toTwo, toOne)
    pass(toOne, toTwo)
    await refusedAs(one.links, 'key-wrong')
    await refusedAs(two.links, 'key-wrong')
    expect(passed.slice(0, 3)).toEqual(['hello', 'hello', 'key-proof'])
    expect([one.links.peers(), two.links.peers()]).toEqual([[], []])
  })
})
