import { connect as connectPlain } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log/log.ts'
import { systemRandom } from '../../platform/random.ts'
import { openIdentity, type NodeIdentity } from '../identity/open-identity.ts'
import { startNarrowRelay } from '../__fixtures__/narrow-relay.ts'
import { type DatagramSocket, openDatagramSocket } from './datagrams/datagram-socket.ts'
import { createTestLinks, silentLog } from '../__fixtures__/create-test-links.ts'
import { receiveJson, requestJson, sendJson } from './streams/json-stream.ts'
import { LINK_VERSIONS } from './greeting/link-versions.ts'
import { MAX_CHUNK_BYTES, MAX_FRAME_BYTES } from '../../shared/wire/peer/frame-limits.ts'
import type { Links, LinksOptions } from './links.ts'
import { dialSecurely, secureOptions } from './sockets/secure-socket.ts'

const Note = z.strictObject({ text: z.string() })
type Note = z.infer<typeof Note>

const identities: NodeIdentity[] = []
let folder: string
/** Sorted by node id, so that the first of two wins when their dials cross. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-links-'))
  for (const name of ['a', 'b', 'c', 'd']) identities.push(await openIdentity(join(folder, name), { log: silentLog, random: systemRandom }))
  identities.sort((left, right) => (left.nodeId < right.nodeId ? -1 : 1))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const running: Links<Note>[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((links) => links.close()))
})

interface TestNode {
  readonly links: Links<Note>
  readonly port: number
  /** The notifications to its listeners, in order. */
  readonly heard: string[]
}

async function startNode(index: number, overrides: Partial<LinksOptions<Note>> = {}): Promise<TestNode> {
  const links = createTestLinks({ identity: identities[index]!, nodeName: `node ${index}`, schema: Note, ...overrides })
  running.push(links)
  const heard: string[] = []
  const nameOf = (nodeId: string): number => identities.findIndex((candidate) => candidate.nodeId === nodeId)
  links.onPeer(({ nodeId }) => heard.push(`up ${nameOf(nodeId)}`))
  links.onPeerLost((nodeId, { code }) => heard.push(`lost ${nameOf(nodeId)} ${code}`))
  links.onMessage((nodeId, { text }) => heard.push(`${nameOf(nodeId)} says ${text}`))
  const { port } = await links.listen()
  return { links, port, heard }
}

const dial = (from: TestNode, to: TestNode): void =>
  from.links.dial({ host: '127.0.0.1', port: to.port, nodeId: null, isStatic: true, delayMs: 0 })
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 })
const linkedTo = (node: TestNode): string[] => node.links.peers().map(({ nodeId }) => nodeId)

async function startPair(overrides: Partial<LinksOptions<Note>> = {}): Promise<[TestNode, TestNode]> {
  const nodes: [TestNode, TestNode] = [await startNode(0, overrides), await startNode(1, overrides)]
  dial(nodes[0], nodes[1])
  await until(() => expect([linkedTo(nodes[0]), linkedTo(nodes[1])]).toEqual([[identities[1]!.nodeId], [identities[0]!.nodeId]]))
  return nodes
}

describe('links', () => {
  it('carry messages both ways, in order, and measure the round trip', async () => {
    const [a, b] = await startPair()
    for (const text of ['1', '2', '3']) expect(a.links.send(b.links.nodeId, { text })).toBe(true)
    b.links.broadcast({ text: 'hello' })
    await until(() =>
      expect([a.heard, b.heard]).toEqual([
        ['up 1', '1 says hello'],
        ['up 0', '0 says 1', '0 says 2', '0 says 3'],
      ]),
    )
    await until(() => expect(a.links.peers()[0]!.roundTripMs).toBeLessThan(1000))
    expect(a.links.peers()).toMatchObject([{ nodeName: 'node 1', address: { host: '127.0.0.1', port: b.port }, isDialer: true }])
    expect(b.links.peers()).toMatchObject([{ nodeName: 'node 0', address: { host: '127.0.0.1', port: a.port }, isDialer: false }])
  })

  it('carry lossy messages, small ones by datagram and all others themselves', async () => {
    let datagrams = 0
    const openDatagrams: LinksOptions<Note>['openDatagrams'] = async (listen) => {
      const socket = await openDatagramSocket(listen, silentLog)
      const count: DatagramSocket['send'] = (...sent) => {
        datagrams += 1
        socket.send(...sent)
      }
      return { ...socket, send: count }
    }
    const [a, b] = await startPair({ openDatagrams })
    const datagramsOf = (text: string): number => {
      const before = datagrams
      expect(a.links.sendLossy(b.links.nodeId, { text })).toBe(true)
      return datagrams - before
    }
    await until(() => expect(datagramsOf('probe')).toBe(1))
    const long = 'x'.repeat(2000)
    expect([datagramsOf('small'), datagramsOf(long)]).toEqual([1, 0])
    await until(() => expect(b.heard).toEqual(expect.arrayContaining(['0 says small', `0 says ${long}`])))
    await b.links.close()
    await until(() => expect(a.links.sendLossy(b.links.nodeId, { text: 'late' })).toBe(false))
  })

  it('collapse when both dial at once', async () => {
    const nodes = await Promise.all([0, 1, 2, 3].map((index) => startNode(index)))
    for (const from of nodes) for (const to of nodes) dial(from, to)
    await until(() => expect(nodes.map((node) => linkedTo(node).length)).toEqual([3, 3, 3, 3]))
    // Each link has carried a heartbeat and its answer, so none of them is replaced any more.
    await until(() => expect(nodes.flatMap(({ links }) => links.peers()).every(({ roundTripMs }) => roundTripMs !== null)).toBe(true))
    expect(nodes.map(({ heard }) => heard.toSorted())).toEqual([
      ['up 1', 'up 2', 'up 3'],
      ['up 0', 'up 2', 'up 3'],
      ['up 0', 'up 1', 'up 3'],
      ['up 0', 'up 1', 'up 2'],
    ])
    for (const [index, node] of nodes.entries()) {
      for (const peer of node.links.peers()) {
        const other = nodes.find(({ links }) => links.nodeId === peer.nodeId)!
        expect(other.links.peers().find(({ nodeId }) => nodeId === identities[index]!.nodeId)!.isDialer).toBe(!peer.isDialer)
      }
    }
  })

  it('are made again after a node came back, on another port too', async () => {
    const [a, b] = await startPair()
    await b.links.close()
    await until(() => expect(a.heard).toEqual(['up 1', 'lost 1 closed']))
    const again = await startNode(1)
    dial(again, a)
    await until(() => expect(a.heard).toEqual(['up 1', 'lost 1 closed', 'up 1']))
    expect(a.links.peers()[0]!.address.port).toBe(again.port)
  })

  it('tell a dead peer from the closed connection', async () => {
    const [a, b] = await startPair()
    await b.links.close()
    await until(() => expect(a.heard).toContain('lost 1 closed'))
    expect(a.links.send(b.links.nodeId, { text: 'late' })).toBe(false)
    expect(() => a.links.openStream(b.links.nodeId, 'echo', null)).toThrow(expect.objectContaining({ code: 'no-link' }))
  })

  it('do not link a node with itself', async () => {
    const a = await startNode(0)
    dial(a, a)
    // A later dial to another node is complete.
    dial(a, await startNode(1))
    await until(() => expect(a.links.peers()[0]?.roundTripMs).toBeLessThan(1000))
    expect([linkedTo(a), a.links.refused(), a.heard]).toEqual([[identities[1]!.nodeId], [], ['up 1']])
  })
})

describe('cluster membership', () => {
  it.each([
    ['another cluster', {}, { clusterName: 'other' }, 'other-cluster', /cluster 'other'/, false],
    ['no key', { clusterKey: 'secret' }, {}, 'key-missing', /does not have the cluster key/, false],
    ['a key where there is none', {}, { clusterKey: 'secret' }, 'key-missing', /--cluster-key/, true],
    ['a wrong key', { clusterKey: 'secret' }, { clusterKey: 'Secret' }, 'key-wrong', /its cluster key differs/, true],
  ])('refuses a node of %s in both directions, and both ends show it', async (_name, mine, theirs, code, reason, needsKey) => {
    for (const isDialerFirst of [true, false]) {
      const a = await startNode(0, mine)
      const b = await startNode(1, theirs)
      if (isDialerFirst) dial(b, a)
      else dial(a, b)
      await until(() => expect([a.links.refused()[0]?.code, b.links.refused()[0]?.code]).toEqual([code, code]))
      expect(a.links.refused()).toMatchObject([
        { nodeId: identities[1]!.nodeId, nodeName: 'node 1', reason: expect.stringMatching(reason), needsKey },
      ])
      expect([a.heard, b.heard]).toEqual([[], []])
      await Promise.all([a.links.close(), b.links.close()])
    }
  })

  it('links nodes with the same key', async () => {
    const [a] = await startPair({ clusterKey: 'secret' })
    expect(a.links.refused()).toEqual([])
  })

  it('B2: says once in the log that an address tries wrong keys', async () => {
    const lines: string[] = []
    const warnings = createLog({ level: 'warn', format: 'json', write: (line) => void lines.push(line) })
    const victim = await startNode(0, { clusterKey: 'the right key', log: warnings })
    for (const index of [1, 2]) {
      const guesser = await startNode(index, { clusterKey: `wrong key ${index}` })
      guesser.links.dial({ nodeId: null, host: '127.0.0.1', port: victim.port, isStatic: true, delayMs: 0 })
      await expect.poll(() => victim.links.refused().length, { timeout: 5000 }).toBe(index)
    }
    expect(lines.filter((line) => line.includes('peer refused') && line.includes('127.0.0.1'))).toHaveLength(1)
    expect(lines.join()).not.toContain('right key')
  })
})

describe('a hostile or broken peer', () => {
  const hello = JSON.stringify({
    type: 'hello',
    protocol: LINK_VERSIONS.min,
    clusterName: 'test',
    nodeName: 'bad',
    totalBytes: 8e9,
    peerPort: 9,
    keyProof: null,
  })

  async function link(port: number): Promise<WebSocket> {
    const socket = await dialSecurely('127.0.0.1', port, identities[2]!, new AbortController().signal)
    const webSocket = new WebSocket('ws://exo/link', { createConnection: () => socket, perMessageDeflate: false })
    webSocket.on('error', () => {})
    await new Promise((resolve) => webSocket.once('open', resolve))
    webSocket.send(hello)
    return webSocket
  }

  it.each<[string, (webSocket: WebSocket) => void]>([
    ['broken JSON', (webSocket) => webSocket.send('{')],
    ['a message of another schema', (webSocket) => webSocket.send('{"text":1}')],
    ['an unknown stream frame', (webSocket) => webSocket.send(Buffer.from([9, 0, 0, 0, 1]))],
    ['a short stream frame', (webSocket) => webSocket.send(Buffer.from([1]))],
    [
      'a stream with a wrong id',
      (webSocket) => webSocket.send(Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from('{"kind":"echo","header":null}')])),
    ],
    ['an unreadable header', (webSocket) => webSocket.send(Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from('{')]))],
    ['a frame above the limit', (webSocket) => webSocket.send('x'.repeat(MAX_FRAME_BYTES + 1))],
    [
      'more than its window',
      (webSocket) => {
        webSocket.send(Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from('{"kind":"stuck","header":null}')]))
        for (let chunk = 0; chunk < 20; chunk += 1)
          webSocket.send(Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), Buffer.alloc(MAX_CHUNK_BYTES)]))
      },
    ],
  ])('is dropped after %s, and the node goes on', async (_name, offend) => {
    const [a, b] = await startPair()
    a.links.handleStream(
      'stuck',
      (stream) => new Promise((_resolve, reject) => stream.signal.addEventListener('abort', () => reject(stream.signal.reason))),
    )
    const bad = await link(a.port)
    await until(() => expect(linkedTo(a)).toContain(identities[2]!.nodeId))
    offend(bad)
    await until(() => expect(a.heard).toContain('lost 2 invalid'))
    b.links.send(a.links.nodeId, { text: 'still here' })
    await until(() => expect(a.heard).toContain('1 says still here'))
  })

  it('A6: is dropped, and the node goes on, when the error that it causes has a long text', async () => {
    const [a, b] = await startPair()
    a.links.onMessage((_nodeId, { text }) => {
      if (text === 'bad') throw new Error('ü'.repeat(200))
    })
    const bad = await link(a.port)
    await until(() => expect(linkedTo(a)).toContain(identities[2]!.nodeId))
    bad.send('{"text":"bad"}')
    await until(() => expect(a.heard).toContain('lost 2 invalid'))
    b.links.send(a.links.nodeId, { text: 'still here' })
    await until(() => expect(a.heard).toContain('1 says still here'))
  })

  it('is dropped when it does not read', async () => {
    const a = await startNode(0)
    const bad = await link(a.port)
    await until(() => expect(linkedTo(a)).toContain(identities[2]!.nodeId))
    bad.pause()
    const text = 'x'.repeat(1_000_000)
    for (let count = 0; count < 60 && a.links.peers().length > 0; count += 1) {
      a.links.send(identities[2]!.nodeId, { text })
      await systemClock.sleep(5)
    }
    expect(a.heard).toEqual(['up 2', 'lost 2 slow'])
    bad.terminate()
  })

  it('gets nowhere without TLS, without a certificate, with plain HTTP, or with another greeting', async () => {
    const a = await startNode(0)
    const hangsUp = (socket: { on(event: string, listener: () => void): unknown; resume(): unknown }): Promise<void> =>
      new Promise((resolve) => {
        socket.on('error', () => {})
        socket.on('close', resolve)
        socket.resume()
      })
    const upgrade =
      'GET /link HTTP/1.1\r\nhost: exo\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
      'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
    const plain = connectPlain(a.port, '127.0.0.1', () => plain.write('no frame no frame\n'))
    await hangsUp(plain)
    const { key: _key, cert: _cert, ...withoutCertificate } = secureOptions(identities[2]!)
    const anonymous = connect({ port: a.port, host: '127.0.0.1', ...withoutCertificate }, () => anonymous.write(upgrade))
    await hangsUp(anonymous)
    const http = connect({ port: a.port, host: '127.0.0.1', ...secureOptions(identities[2]!) }, () =>
      http.write('GET / HTTP/1.1\r\nhost: exo\r\n\r\n'),
    )
    let answer = ''
    http.on('data', (data) => (answer += String(data)))
    await hangsUp(http)
    expect(answer).toMatch(/^HTTP\/1.1 426/)
    const odd = await dialSecurely('127.0.0.1', a.port, identities[2]!, new AbortController().signal)
    const webSocket = new WebSocket('ws://exo/link', { createConnection: () => odd })
    webSocket.on('error', () => {})
    webSocket.once('open', () => webSocket.send('{"type":"hello"}'))
    await hangsUp(odd)
    expect(a.heard).toEqual([])
    const b = await startNode(1)
    dial(b, a)
    await until(() => expect(a.heard).toEqual(['up 1']))
  })
})

describe('streams', () => {
  it('carry a question and its answer, and the errors of handlers', async () => {
    const [a, b] = await startPair()
    b.links.handleStream('double', async (stream) => sendJson(stream, { result: z.number().parse(stream.header) * 2 }))
    const Answer = z.strictObject({ result: z.number() })
    expect(await requestJson(a.links.openStream(b.links.nodeId, 'double', 21), Answer)).toEqual({ result: 42 })
    await expect(requestJson(a.links.openStream(b.links.nodeId, 'double', 'x'), Answer)).rejects.toMatchObject({ code: 'internal' })
    await expect(requestJson(a.links.openStream(b.links.nodeId, 'nothing', 1), Answer)).rejects.toMatchObject({
      code: 'unknown-stream-kind',
    })
    await expect(requestJson(a.links.openStream(b.links.nodeId, 'double', 21), z.string())).rejects.toMatchObject({
      code: 'stream-invalid',
    })
  })

  it('bring many files at once, whole and in order, while messages pass', async () => {
    const [a, b] = await startPair()
    const chunks = 100
    b.links.handleStream('file', async (stream) => {
      for (let index = 0; index < chunks; index += 1) await stream.send(Buffer.alloc(100_000, index))
    })
    const read = async (): Promise<number> => {
      let index = 0
      for await (const chunk of a.links.openStream(b.links.nodeId, 'file', null)) {
        expect(chunk.length).toBe(100_000)
        expect(chunk.every((byte) => byte === index)).toBe(true)
        index += 1
      }
      return index
    }
    const reads = Promise.all([read(), read(), read(), read()])
    b.links.send(a.links.nodeId, { text: 'passing' })
    expect(await reads).toEqual([chunks, chunks, chunks, chunks])
    expect(a.heard).toEqual(['up 1', '1 says passing'])
  })

  it('hold a fast sender to the pace of the reader', async () => {
    const [a, b] = await startPair()
    let sent = 0
    b.links.handleStream('flood', async (stream) => {
      for (;;) {
        await stream.send(Buffer.alloc(64 * 1024))
        sent += 1
      }
    })
    const stream = a.links.openStream(b.links.nodeId, 'flood', null)
    // One MiB of credit covers 15 chunks with their headers.
    await until(() => expect(sent).toBe(15))
    b.links.send(a.links.nodeId, { text: 'after the chunks' })
    await until(() => expect(a.heard).toContain('1 says after the chunks'))
    expect(sent).toBe(15)
    for (let index = 0; index < 8; index += 1) await stream.receive()
    await until(() => expect(sent).toBeGreaterThan(15))
    stream.cancel('cancelled', 'enough')
  })

  it('are cancelled by either side, and by the loss of the link', async () => {
    const [a, b] = await startPair()
    const endings: string[] = []
    b.links.handleStream('wait', async (stream) => {
      stream.signal.addEventListener('abort', () => endings.push(stream.signal.reason.code))
      if (stream.header === 'refuse') stream.cancel('model-file-not-found', 'No.')
      if (stream.header === 'of-tomorrow') stream.cancel('of-a-later-version' as never, 'New.')
      await stream.receive()
    })
    const controller = new AbortController()
    const cancelled = a.links.openStream(b.links.nodeId, 'wait', null, controller.signal)
    await cancelled.send(Buffer.from('x').subarray(1))
    controller.abort()
    await expect(cancelled.receive()).rejects.toMatchObject({ code: 'cancelled' })
    await expect(a.links.openStream(b.links.nodeId, 'wait', 'refuse').receive()).rejects.toMatchObject({
      code: 'model-file-not-found',
      message: 'No.',
    })
    await expect(a.links.openStream(b.links.nodeId, 'wait', 'of-tomorrow').receive()).rejects.toMatchObject({
      code: 'peer-failed',
      message: 'New.',
      details: { peerCode: 'of-a-later-version' },
    })
    const broken = a.links.openStream(b.links.nodeId, 'wait', null)
    for (let index = 0; index < 2; index += 1) await broken.send(Buffer.alloc(1))
    await b.links.close()
    await expect(broken.receive().then(() => broken.receive())).rejects.toMatchObject({ code: 'link-lost' })
    await expect(broken.send(Buffer.alloc(1))).rejects.toMatchObject({ code: 'link-lost' })
    expect(endings).toContain('model-file-not-found')
  })

  it('echo through both directions at once', async () => {
    const [a, b] = await startPair()
    b.links.handleStream('echo', async (stream) => {
      for await (const chunk of stream) await stream.send(chunk)
    })
    const stream = a.links.openStream(b.links.nodeId, 'echo', null)
    const sending = (async () => {
      for (let index = 0; index < 500; index += 1) await sendJson(stream, { index, filler: 'x'.repeat(index * 20) })
      await stream.end()
    })()
    const indexes: number[] = []
    for (;;) {
      const value = await receiveJson(stream, z.object({ index: z.number() }))
      if (value === null) break
      indexes.push(value.index)
    }
    await sending
    expect(indexes).toEqual(Array.from({ length: 500 }, (_, index) => index))
    expect(stream.signal.aborted).toBe(false)
  })

  it('are limited in number', async () => {
    const [a, b] = await startPair()
    b.links.handleStream(
      'wait',
      (stream) => new Promise((_resolve, reject) => stream.signal.addEventListener('abort', () => reject(stream.signal.reason))),
    )
    const streams = Array.from({ length: 128 }, () => a.links.openStream(b.links.nodeId, 'wait', null))
    expect(() => a.links.openStream(b.links.nodeId, 'wait', null)).toThrow(expect.objectContaining({ code: 'too-many-streams' }))
    streams[0]!.cancel('cancelled', 'done')
    a.links.openStream(b.links.nodeId, 'wait', null)
  })
})

describe('F7: a path that loses large packets from the start', () => {
  it('gives no link, and is told with what to do about it', { timeout: 60_000 }, async () => {
    const warnings: string[] = []
    const told = createLog({ level: 'warn', format: 'json', write: (text) => void warnings.push(text) })
    const [asked, dialer] = [await startNode(0), await startNode(1, { log: told })]
    // A handshake with small keys passes, but not one with the default keys.
    const relay = await startNarrowRelay(asked.port, 1_400)
    dialer.links.dial({ host: '127.0.0.1', port: relay.port, nodeId: null, isStatic: true, delayMs: 0 })
    await vi.waitFor(() => expect(dialer.links.refused()).toHaveLength(1), { timeout: 50_000, interval: 50 })
    expect(dialer.links.refused()).toMatchObject([
      { nodeId: asked.links.nodeId, address: `127.0.0.1:${relay.port}`, code: 'narrow-path', reason: expect.stringMatching(/MTU/) },
    ])
    expect(warnings.join('')).toMatch(/large packets are lost/)
    expect(linkedTo(dialer)).toEqual([])
    dial(dialer, asked)
    await until(() => expect(linkedTo(dialer)).toEqual([asked.links.nodeId]))
    expect(dialer.links.refused()).toEqual([])
    relay.close()
  })
})
