import type { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { DatagramSocket } from './datagrams/datagram-socket.ts'
import type { DialTargets, PeerAddress } from './dialing/dial-targets.ts'
import { hostOf } from './dialing/host-of.ts'
import type { Hello } from './greeting/link-frame.ts'
import type { RefusalLog } from './greeting/refusal-log.ts'
import { describeLinkedPeer, type LinkConnection, type LinkEntry } from './link-entry.ts'
import type { LinkedPeer } from './links.ts'
import { formatMessage, parseMessage } from './message-text.ts'
import { PeerLink, type LinkEnd } from './peer-link.ts'
import type { ProvenPeer } from './sockets/secure-socket.ts'
import type { LinkStream } from './streams/link-stream.ts'
import type { StreamHandler } from './streams/link-streams.ts'

export interface EstablishedLinksDependencies<Message> {
  readonly schema: z.ZodType<Message>
  readonly targets: DialTargets
  readonly refusals: RefusalLog
  readonly clock: Clock
  readonly random: Pick<Random, 'ratio'>
  readonly log: Log
}

/** The established links, by node, and the messages and streams on them. */
export class EstablishedLinks<Message> {
  readonly #deps: EstablishedLinksDependencies<Message>
  readonly #links = new Map<NodeId, LinkEntry>()
  readonly #handlers = new Map<string, StreamHandler>()
  readonly #peerListeners: ((peer: LinkedPeer) => void)[] = []
  readonly #lostListeners: ((nodeId: NodeId, end: LinkEnd) => void)[] = []
  readonly #messageListeners: ((nodeId: NodeId, message: Message) => void)[] = []
  #datagrams: DatagramSocket | null = null

  constructor(dependencies: EstablishedLinksDependencies<Message>) {
    this.#deps = dependencies
  }

  /** Must be called before the first link is made. */
  useDatagrams(datagrams: DatagramSocket): void {
    this.#datagrams = datagrams
  }

  get size(): number {
    return this.#links.size
  }

  has(nodeId: NodeId): boolean {
    return this.#links.has(nodeId)
  }

  /** The node's link, unless it is quiet: then another one may take its place. */
  standing(nodeId: NodeId): LinkEntry | undefined {
    const entry = this.#links.get(nodeId)
    return entry?.link.isQuiet ? undefined : entry
  }

  get(nodeId: NodeId): LinkEntry | undefined {
    return this.#links.get(nodeId)
  }

  /** A copy, because a link that ends is removed from the map. */
  all(): PeerLink[] {
    return [...this.#links.values()].map(({ link }) => link)
  }

  peers(): LinkedPeer[] {
    return [...this.#links].map(([nodeId, entry]) => describeLinkedPeer(nodeId, entry))
  }

  onPeer(listener: (peer: LinkedPeer) => void): void {
    this.#peerListeners.push(listener)
  }

  onPeerLost(listener: (nodeId: NodeId, end: LinkEnd) => void): void {
    this.#lostListeners.push(listener)
  }

  onMessage(listener: (nodeId: NodeId, message: Message) => void): void {
    this.#messageListeners.push(listener)
  }

  send(nodeId: NodeId, message: Message): boolean {
    return this.#links.get(nodeId)?.link.send(formatMessage(message)) ?? false
  }

  sendLossy(nodeId: NodeId, message: Message): boolean {
    return this.#links.get(nodeId)?.link.sendLossy(formatMessage(message)) ?? false
  }

  broadcast(message: Message): void {
    const text = formatMessage(message)
    for (const link of this.all()) link.send(text)
  }

  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream {
    const entry = this.#links.get(nodeId)
    if (!entry) throw new AppError('no-link', `There is no link to node ${nodeId}.`, { nodeId })
    return entry.link.streams.open(kind, header, signal)
  }

  handleStream(kind: string, handler: StreamHandler): void {
    this.#handlers.set(kind, handler)
  }

  /** Establishes a link after a completed greeting, in place of a quiet one, and reports it to the listeners. */
  establish({ nodeId, sealSecret }: ProvenPeer, hello: Hello, { host, port }: PeerAddress, connection: LinkConnection): void {
    const { clock, log, random, schema, targets, refusals } = this.#deps
    this.#links.get(nodeId)?.link.end({ code: 'replaced', message: 'it was silent, and the peer is reached at another address' })
    const link = new PeerLink({
      ...connection,
      nodeId,
      sealSecret,
      datagrams: this.#datagrams!,
      peerAddress: { host: connection.isDialer ? hostOf(connection.socket, host) : host, port },
      clock,
      log,
      handlerOf: (kind) => this.#handlers.get(kind),
      onMessage: (text) => {
        const message = parseMessage(schema, text)
        if (!message) return 'an unknown message'
        for (const listener of this.#messageListeners) listener(nodeId, message.value)
        return null
      },
      onEnd: (end) => {
        this.#links.delete(nodeId)
        targets.lost(nodeId, clock.now(), random.ratio(), end.code === 'invalid')
        log.debug('link lost', { nodeId, name: hello.nodeName, reason: end.message })
        for (const listener of this.#lostListeners) listener(nodeId, end)
      },
    })
    const entry = {
      link,
      nodeName: hello.nodeName,
      totalBytes: hello.totalBytes,
      address: { host, port },
      isDialer: connection.isDialer,
      startedMs: clock.now(),
      bootId: hello.bootId,
    }
    this.#links.set(nodeId, entry)
    refusals.linked(nodeId)
    targets.learn({ host, port, nodeId, isStatic: false, delayMs: 0 }, clock.now())
    log.debug('link made', { nodeId, name: hello.nodeName, host, port })
    for (const listener of this.#peerListeners) listener(describeLinkedPeer(nodeId, entry))
    link.start()
  }
}
