import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionMode } from '../../shared/wire/peer/cluster-record.ts'
import { deriveClusterKey } from '../key-exchange/cluster-key.ts'
import { openDatagramSocket, type DatagramSocket } from './datagrams/datagram-socket.ts'
import { DialTargets, type DialTarget, type PeerAddress } from './dialing/dial-targets.ts'
import { FrameReader } from './streams/frame-reader.ts'
import { greetAsAcceptor } from './greeting/greet-as-acceptor.ts'
import { greetAsDialer } from './greeting/greet-as-dialer.ts'
import { greetingTimeout, parseGreeting, type GreetingIdentity } from './greeting/greeting.ts'
import { isElsewhere } from './is-elsewhere.ts'
import { judgeConnection } from './greeting/judge-hello.ts'
import type { LinkConversation } from './greeting/link-conversation.ts'
import type { Hello, RefusalCode } from './greeting/link-frame.ts'
import { TICK_MS } from './link-liveness.ts'
import { HANDSHAKE_LIMIT_MS, openLinkServer, type LinkServer } from './sockets/link-server.ts'
import type { LinkStream } from './streams/link-stream.ts'
import type { StreamHandler } from './streams/link-streams.ts'
import { describeLinkedPeer, type LinkConnection, type LinkEntry } from './link-entry.ts'
import type { LinkedPeer, Links, LinksOptions } from './links.ts'
import { formatMessage, parseMessage } from './message-text.ts'
import { hostOf } from './dialing/host-of.ts'
import { openWebSocket } from './sockets/open-web-socket.ts'
import { PeerLink, type LinkEnd } from './peer-link.ts'
import { RefusalLog } from './greeting/refusal-log.ts'
import type { RefusalListener, RefusedPeer } from './greeting/refused-peers.ts'
import { dialSecurely, provenPeerOf, SMALL_KEYS, type ProvenPeer } from './sockets/secure-socket.ts'
import { CLOSE_LIMIT_MS } from './sockets/web-socket-options.ts'

const MAX_PEERS = 1024

export function createLinks<Message>(options: LinksOptions<Message>): Links<Message> {
  return new ClusterLinks(options)
}

class ClusterLinks<Message> implements Links<Message> {
  readonly #options: LinksOptions<Message>
  readonly #targets = new DialTargets()
  readonly #admission: AdmissionMode
  readonly #refusals: RefusalLog
  readonly #links = new Map<NodeId, LinkEntry>()
  /** Dials whose other end has proven its identity, by node, with the controller that aborts them. */
  readonly #dials = new Map<NodeId, AbortController>()
  readonly #handlers = new Map<string, StreamHandler>()
  readonly #closing = new AbortController()
  #closed: Promise<void> | null = null
  #server: LinkServer | null = null
  #datagrams: DatagramSocket | null = null
  #greeting: GreetingIdentity | null = null
  #peerListeners: ((peer: LinkedPeer) => void)[] = []
  #lostListeners: ((nodeId: NodeId, end: LinkEnd) => void)[] = []
  #messageListeners: ((nodeId: NodeId, message: Message) => void)[] = []

  constructor(options: LinksOptions<Message>) {
    this.#options = options
    this.#admission = options.admission ?? (options.clusterKey === null ? 'open' : 'key')
    this.#refusals = new RefusalLog({ clock: options.clock, log: options.log, admission: this.#admission })
  }

  get nodeId(): NodeId {
    return this.#options.identity.nodeId
  }

  async listen(): Promise<{ readonly port: number }> {
    const { identity, nodeName, totalBytes, clusterName, clusterKey, listen, acceptPairing, clock, random, log } = this.#options
    const derivedKey = clusterKey === null ? null : await deriveClusterKey(clusterKey, clusterName)
    const server = await openLinkServer(identity, listen, {
      link: (webSocket, socket, peer) => void this.#accept(webSocket, socket, peer),
      pairing: acceptPairing,
      isLinked: (nodeId) => this.#links.has(nodeId),
    })
    this.#server = server
    this.#datagrams = await (this.#options.openDatagrams ?? ((at) => openDatagramSocket(at, log)))({ host: listen.host, port: server.port })
    this.#greeting = {
      nodeName,
      totalBytes,
      peerPort: server.port,
      bootId: random.id('boot'),
      membership: { clusterName, derivedKey, admission: this.#admission },
    }
    clock.every(TICK_MS, () => this.#tick(), this.#closing.signal)
    return { port: server.port }
  }

  dial(target: DialTarget): void {
    if (target.nodeId !== this.nodeId) this.#targets.learn(target, this.#options.clock.now())
  }

  onPeer(listener: (peer: LinkedPeer) => void): void {
    this.#peerListeners.push(listener)
  }

  onPeerLost(listener: (nodeId: NodeId, end: LinkEnd) => void): void {
    this.#lostListeners.push(listener)
  }

  addressesChanged(addresses: ReadonlySet<string>): void {
    for (const { link } of [...this.#links.values()]) link.stayOn(addresses)
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
    for (const { link } of [...this.#links.values()]) link.send(text)
  }

  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream {
    const entry = this.#links.get(nodeId)
    if (!entry) throw new AppError('no-link', `There is no link to node ${nodeId}.`, { nodeId })
    return entry.link.streams.open(kind, header, signal)
  }

  handleStream(kind: string, handler: StreamHandler): void {
    this.#handlers.set(kind, handler)
  }

  peers(): LinkedPeer[] {
    return [...this.#links].map(([nodeId, entry]) => describeLinkedPeer(nodeId, entry))
  }

  refused(): RefusedPeer[] {
    return this.#refusals.list()
  }

  onRefused(listener: RefusalListener): void {
    this.#refusals.onRefused(listener)
  }

  async rekey(clusterKey: string): Promise<void> {
    const { clusterName, clock } = this.#options
    const derivedKey = await deriveClusterKey(clusterKey, clusterName)
    if (this.#greeting) this.#greeting = { ...this.#greeting, membership: { ...this.#greeting.membership, derivedKey } }
    this.#targets.retryAll(clock.now())
  }

  retryRefused(): void {
    this.#targets.retryAll(this.#options.clock.now())
  }

  cut(nodeId: NodeId): void {
    this.#links.get(nodeId)?.link.end({ code: 'put-out', message: 'it was removed from the cluster' })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const links = [...this.#links.values()].map(({ link }) => link)
    this.#closing.abort(new AppError('links-closed', 'This node is stopping.'))
    const closings = links.map((link) => link.whenClosed())
    for (const link of links) link.end({ code: 'stopped', message: 'the node stops' })
    await Promise.race([Promise.all(closings), this.#options.clock.sleep(CLOSE_LIMIT_MS)])
    await this.#datagrams?.close()
    await this.#server?.close()
  }

  #tick(): void {
    for (const { link } of [...this.#links.values()]) link.tick()
    for (const target of this.#targets.take(this.#options.clock.now(), (nodeId) => this.#links.has(nodeId))) void this.#dial(target)
  }

  async #accept(webSocket: WebSocket, socket: TLSSocket, peer: ProvenPeer): Promise<void> {
    const { clock, log } = this.#options
    const frames = new FrameReader(webSocket)
    webSocket.on('error', (error) => log.debug('a connection failed', { nodeId: peer.nodeId, error }))
    try {
      const hello = parseGreeting(
        await withinTime((signal) => frames.first(signal), HANDSHAKE_LIMIT_MS, greetingTimeout, clock, this.#closing.signal),
      )
      if (hello.type !== 'hello' || this.#targets.isHeldOff(peer.nodeId, clock.now())) return webSocket.terminate()
      const address = { host: hostOf(socket, ''), port: hello.peerPort }
      const isSelf = peer.nodeId === this.nodeId
      const isClone = isSelf
        ? hello.bootId !== undefined && hello.bootId !== this.#greeting?.bootId
        : await isElsewhere(this.#links.get(peer.nodeId), hello.bootId, clock)
      const conversation = this.#conversation(webSocket, frames, peer, address.host)
      const dialer = await withinTime(
        (signal) => greetAsAcceptor(conversation, hello, signal),
        HANDSHAKE_LIMIT_MS,
        greetingTimeout,
        clock,
        this.#closing.signal,
      )
      const isTaken = this.#options.takesLinks?.() ?? true
      const code = dialer.code ?? (!isTaken && !isSelf ? 'key-wrong' : isClone ? 'identity-in-use' : this.#admit(peer.nodeId))
      if (code !== null) {
        this.#refusals.note(peer.nodeId, address, code, hello)
        return dialer.refuse(code)
      }
      dialer.accept()
      this.#establish(peer, hello, address, { webSocket, socket, frames, isDialer: false })
    } catch (error) {
      log.debug('a connection from another node failed', { nodeId: peer.nodeId, error })
      webSocket.terminate()
    }
  }

  /** Makes room for the node's connection, or returns the reason to refuse it. */
  #admit(peerId: NodeId): RefusalCode | null {
    if (peerId === this.nodeId) return 'self'
    const entry = this.#links.get(peerId)
    const link = entry ? { isOurDial: entry.isDialer, ageMs: this.#options.clock.now() - entry.startedMs } : null
    switch (judgeConnection(this.nodeId, peerId, { link, hasDial: this.#dials.has(peerId) })) {
      case 'refuse-duplicate':
        return 'duplicate'
      case 'replace-link':
        entry?.link.end({ code: 'replaced', message: 'the peer made a new link' })
        return null
      case 'replace-dial':
        this.#dials.get(peerId)?.abort(new AppError('dial-superseded', 'The other node was faster.'))
        return null
      case 'accept':
        return this.#links.size >= MAX_PEERS ? 'too-many-peers' : null
    }
  }

  async #dial(target: DialTarget): Promise<void> {
    const { clock, random, log } = this.#options
    try {
      await withinTime((signal) => this.#connect(target, signal), HANDSHAKE_LIMIT_MS, greetingTimeout, clock, this.#closing.signal)
    } catch (error) {
      log.debug('no link', { host: target.host, port: target.port, reason: errorMessage(error) })
      if (errorCode(error) === 'greeting-timeout') await this.#lookForNarrowPath(target)
      this.#targets.failed(target, clock.now(), random.ratio())
    }
  }

  /** If a greeting stalls but a handshake of small packets succeeds, the path is at fault. */
  async #lookForNarrowPath(target: DialTarget): Promise<void> {
    const { clock, identity, clusterName, log } = this.#options
    try {
      const nodeId = await withinTime(
        async (signal) => {
          const socket = await dialSecurely(target.host, target.port, identity, signal, SMALL_KEYS)
          try {
            return provenPeerOf(socket).nodeId
          } finally {
            socket.destroy()
          }
        },
        HANDSHAKE_LIMIT_MS,
        greetingTimeout,
        clock,
        this.#closing.signal,
      )
      if (nodeId !== this.nodeId && !this.#links.has(nodeId)) this.#refusals.noteNarrow(nodeId, target, clusterName)
    } catch (error) {
      log.debug('the address does not answer small packets either', { host: target.host, port: target.port, reason: errorMessage(error) })
    }
  }

  async #connect(target: DialTarget, signal: AbortSignal): Promise<void> {
    const { clock, identity } = this.#options
    const socket = await dialSecurely(target.host, target.port, identity, signal)
    try {
      const peer = provenPeerOf(socket)
      // The same identity at another machine's address is a clone of this node.
      if (peer.nodeId === this.nodeId && socket.remoteAddress === socket.localAddress) this.#targets.forget(target)
      else if (this.#targets.isHeldOff(peer.nodeId, clock.now())) this.#targets.refused(target, clock.now(), this.#options.random.ratio())
      else if (this.#links.has(peer.nodeId) || this.#dials.has(peer.nodeId)) this.#targets.succeeded(target, peer.nodeId, clock.now())
      else return await this.#greet(target, socket, peer, signal)
      socket.destroy()
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  /** The dialer's half of the greeting. Rejects if it fails. */
  async #greet(target: DialTarget, socket: TLSSocket, peer: ProvenPeer, limit: AbortSignal): Promise<void> {
    const { clock, random } = this.#options
    const giveUp = new AbortController()
    this.#dials.set(peer.nodeId, giveUp)
    try {
      const signal = AbortSignal.any([limit, giveUp.signal])
      const webSocket = await openWebSocket(socket, signal)
      const frames = new FrameReader(webSocket)
      const { code, answer } = await greetAsDialer(
        this.#conversation(webSocket, frames, peer, hostOf(socket, target.host)),
        () => this.#links.has(peer.nodeId),
        signal,
      )
      if (code === 'self') return this.#targets.forget(target)
      if (code === 'duplicate') return this.#targets.succeeded(target, peer.nodeId, clock.now())
      if (code !== null) {
        this.#refusals.note(peer.nodeId, target, code, answer)
        return this.#targets.refused(target, clock.now(), random.ratio())
      }
      this.#targets.succeeded(target, peer.nodeId, clock.now())
      this.#establish(peer, answer, target, { webSocket, socket, frames, isDialer: true })
    } finally {
      this.#dials.delete(peer.nodeId)
    }
  }

  #conversation(webSocket: WebSocket, frames: FrameReader, peer: ProvenPeer, host: string): LinkConversation {
    return {
      webSocket,
      frames,
      peer,
      host,
      selfId: this.nodeId,
      refusals: this.#refusals,
      random: this.#options.random,
      greeting: () => this.#greeting!,
    }
  }

  #establish({ nodeId, sealSecret }: ProvenPeer, hello: Hello, { host, port }: PeerAddress, connection: LinkConnection): void {
    const { clock, log, random, schema } = this.#options
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
        this.#targets.lost(nodeId, clock.now(), random.ratio(), end.code === 'rubbish')
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
    this.#refusals.linked(nodeId)
    this.#targets.learn({ host, port, nodeId, isStatic: false, delayMs: 0 }, clock.now())
    log.debug('link made', { nodeId, name: hello.nodeName, host, port })
    for (const listener of this.#peerListeners) listener(describeLinkedPeer(nodeId, entry))
    link.start()
  }
}
