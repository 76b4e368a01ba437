import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionMode } from '../../shared/wire/peer/cluster-record.ts'
import { deriveClusterKey } from '../key-exchange/cluster-key.ts'
import { openDatagramSocket, type DatagramSocket } from './datagrams/datagram-socket.ts'
import { DialTargets, type DialTarget } from './dialing/dial-targets.ts'
import { OwnGreeting } from './greeting/own-greeting.ts'
import { RefusalLog } from './greeting/refusal-log.ts'
import type { RefusalListener, RefusedPeer } from './greeting/refused-peers.ts'
import { LinkAcceptor } from './link-acceptor.ts'
import { LinkDialer } from './link-dialer.ts'
import { TICK_MS } from './link-liveness.ts'
import type { LinkedPeer, Links, LinksOptions } from './links.ts'
import type { LinkEnd } from './peer-link.ts'
import { openLinkServer, type LinkServer } from './sockets/link-server.ts'
import { CLOSE_LIMIT_MS } from './sockets/web-socket-options.ts'
import { EstablishedLinks } from './established-links.ts'
import type { LinkStream } from './streams/link-stream.ts'
import type { StreamHandler } from './streams/link-streams.ts'

export function createLinks<Message>(options: LinksOptions<Message>): Links<Message> {
  return new ClusterLinks(options)
}

/** Opens and closes the peer port and keeps links up. Dialing, accepting and the traffic on links have their own classes. */
class ClusterLinks<Message> implements Links<Message> {
  readonly #options: LinksOptions<Message>
  readonly #admission: AdmissionMode
  readonly #closing = new AbortController()
  readonly #targets = new DialTargets()
  readonly #refusals: RefusalLog
  readonly #greeting: OwnGreeting
  readonly #links: EstablishedLinks<Message>
  readonly #dialer: LinkDialer
  readonly #acceptor: LinkAcceptor
  #server: LinkServer | null = null
  #datagrams: DatagramSocket | null = null
  #closed: Promise<void> | null = null

  constructor(options: LinksOptions<Message>) {
    const { identity, clusterName, schema, clock, random, log } = options
    const { nodeId } = identity
    const targets = this.#targets
    const admission = options.admission ?? (options.clusterKey === null ? 'open' : 'key')
    const refusals = new RefusalLog({ clock, log, admission })
    const greeting = new OwnGreeting({ nodeId, refusals, random })
    const links = new EstablishedLinks({ schema, targets, refusals, clock, random, log })
    const { signal } = this.#closing
    const dialer = new LinkDialer({ identity, clusterName, targets, refusals, greeting, links, clock, random, log }, signal)
    const takesLinks = options.takesLinks ?? (() => true)
    const acceptor = new LinkAcceptor({ nodeId, targets, refusals, greeting, links, dialer, takesLinks, clock, log }, signal)
    this.#options = options
    this.#admission = admission
    this.#refusals = refusals
    this.#greeting = greeting
    this.#links = links
    this.#dialer = dialer
    this.#acceptor = acceptor
  }

  get nodeId(): NodeId {
    return this.#options.identity.nodeId
  }

  async listen(): Promise<{ readonly port: number }> {
    const { identity, nodeName, totalBytes, clusterName, clusterKey, listen, acceptPairing, clock, random, log } = this.#options
    const derivedKey = clusterKey === null ? null : await deriveClusterKey(clusterKey, clusterName)
    const server = await openLinkServer(identity, listen, {
      link: (webSocket, socket, peer) => this.#acceptor.accept(webSocket, socket, peer),
      pairing: acceptPairing,
      isLinked: (nodeId) => this.#links.has(nodeId),
    })
    this.#server = server
    this.#datagrams = await (this.#options.openDatagrams ?? ((at) => openDatagramSocket(at, log)))({ host: listen.host, port: server.port })
    this.#links.useDatagrams(this.#datagrams)
    this.#greeting.set({
      nodeName,
      totalBytes,
      peerPort: server.port,
      bootId: random.id('boot'),
      membership: { clusterName, derivedKey, admission: this.#admission },
    })
    clock.every(TICK_MS, () => this.#tick(), this.#closing.signal)
    return { port: server.port }
  }

  dial(target: DialTarget): void {
    if (target.nodeId !== this.nodeId) this.#targets.learn(target, this.#options.clock.now())
  }

  onPeer(listener: (peer: LinkedPeer) => void): void {
    this.#links.onPeer(listener)
  }

  onPeerLost(listener: (nodeId: NodeId, end: LinkEnd) => void): void {
    this.#links.onPeerLost(listener)
  }

  addressesChanged(addresses: ReadonlySet<string>): void {
    for (const link of this.#links.all()) link.stayOn(addresses)
  }

  onMessage(listener: (nodeId: NodeId, message: Message) => void): void {
    this.#links.onMessage(listener)
  }

  send(nodeId: NodeId, message: Message): boolean {
    return this.#links.send(nodeId, message)
  }

  sendLossy(nodeId: NodeId, message: Message): boolean {
    return this.#links.sendLossy(nodeId, message)
  }

  broadcast(message: Message): void {
    this.#links.broadcast(message)
  }

  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream {
    return this.#links.openStream(nodeId, kind, header, signal)
  }

  handleStream(kind: string, handler: StreamHandler): void {
    this.#links.handleStream(kind, handler)
  }

  peers(): LinkedPeer[] {
    return this.#links.peers()
  }

  refused(): RefusedPeer[] {
    return this.#refusals.list()
  }

  onRefused(listener: RefusalListener): void {
    this.#refusals.onRefused(listener)
  }

  async rekey(clusterKey: string): Promise<void> {
    this.#greeting.rekey(await deriveClusterKey(clusterKey, this.#options.clusterName))
    this.retryRefused()
  }

  retryRefused(): void {
    this.#targets.retryAll(this.#options.clock.now())
  }

  cut(nodeId: NodeId): void {
    this.#links.get(nodeId)?.link.end({ code: 'put-out', message: 'it was removed from the cluster' })
  }

  leaveNarrow(nodeId: NodeId, host: string): void {
    const entry = this.#links.get(nodeId)
    if (entry?.address.host === host) entry.link.end({ code: 'narrow', message: 'large packets are lost on the way to it' })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const links = this.#links.all()
    this.#closing.abort(new AppError('links-closed', 'This node is stopping.'))
    const closings = links.map((link) => link.whenClosed())
    for (const link of links) link.end({ code: 'stopped', message: 'the node stops' })
    await Promise.race([Promise.all(closings), this.#options.clock.sleep(CLOSE_LIMIT_MS)])
    await this.#datagrams?.close()
    await this.#server?.close()
  }

  #tick(): void {
    for (const link of this.#links.all()) link.tick()
    this.#dialer.dialDue()
  }
}
