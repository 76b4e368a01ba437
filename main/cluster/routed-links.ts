import { type LinkMap, needsTelling, nextHops, takeEntries } from '../domain/cluster/link-map.ts'
import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import { AppError } from '../shared/app-error.ts'
import type { NodeId } from '../shared/ids.ts'
import { parseSaid, parseTolerantly } from '../shared/wire/peer/parse-tolerantly.ts'
import {
  type LinkMapEntry,
  MAX_LINK_MAP_VERSION,
  PeerMessage,
  type PeerMessageOf,
  type RelayStreamHeader,
} from '../shared/wire/peer/peer-message.ts'
import { PEER_MESSAGES } from '../shared/wire/peer/peer-messages.ts'
import { PEER_STREAMS } from '../shared/wire/peer/peer-streams.ts'
import { joinStreams } from './link/streams/join-streams.ts'
import type { LinkStream } from './link/streams/link-stream.ts'
import type { Links } from './link/links.ts'

const TELL_EACH_MS = 100
/** More than any sensible route; it stops messages that circle while two nodes have different maps. */
const MAX_HOPS = 32
const MAX_MAP_ENTRIES = 1024
/** A node whose clock was wrong by more than this is ignored for a while after its restart. */
const LONGEST_SET_BACK_MS = 20 * 365 * 86_400_000
const STREAM_KIND = 'relay'
/** Messages that concern only the two ends of a link. */
const isLinkOnly = (message: PeerMessage): boolean => PEER_MESSAGES[message.type].reach === 'link'

export interface RoutedLinksDependencies {
  readonly links: Pick<
    Links<PeerMessage>,
    'nodeId' | 'send' | 'broadcast' | 'peers' | 'onPeer' | 'onPeerLost' | 'onMessage' | 'openStream' | 'handleStream'
  >
  readonly clock: Pick<Clock, 'epochMs' | 'every'>
  readonly log: Log
}

/**
 * Reaches every node of the cluster that is connected to this one: over a direct link, or through other nodes. Nodes
 * tell each other their links whenever those change, and each computes its routes from that information.
 *
 * Messages through other nodes may be lost when a link on the route is, and may overtake each other when routes change.
 * They are as trustworthy as the nodes in between, which are members of the cluster.
 */
export class RoutedLinks {
  readonly #deps: RoutedLinksDependencies
  #map: LinkMap = new Map()
  #hops: ReadonlyMap<NodeId, NodeId> = new Map()
  /** News since the last broadcast, with its senders. */
  #news = new Map<NodeId, NodeId | null>()
  /** Nodes whose link ended because it was silent. */
  readonly #silent = new Set<NodeId>()
  readonly #reachedListeners: ((nodeId: NodeId) => void)[] = []
  readonly #messageListeners: ((from: NodeId, message: PeerMessage) => void)[] = []

  constructor(dependencies: RoutedLinksDependencies, signal: AbortSignal) {
    this.#deps = dependencies
    const { links, clock } = dependencies
    links.onPeer(({ nodeId }) => {
      this.#silent.delete(nodeId)
      this.#tellOwnLinks()
      this.#findWays()
      links.send(nodeId, { type: 'link-map', entries: [...this.#map.values()] })
      this.#reached(nodeId)
    })
    links.onPeerLost((nodeId, end) => {
      if (this.#silent.size >= MAX_MAP_ENTRIES) this.#silent.clear()
      if (end.code === 'silent') this.#silent.add(nodeId)
      this.#tellOwnLinks()
      this.#findWays()
    })
    links.onMessage((from, message) => this.#receive(from, message))
    links.handleStream(STREAM_KIND, (stream) => this.#relayStream(stream))
    clock.every(TELL_EACH_MS, () => this.#tellNews(), signal)
  }

  /** @returns false if there is no route to that node now */
  send(nodeId: NodeId, message: PeerMessage): boolean {
    const { links } = this.#deps
    return links.send(nodeId, message) || this.#relay({ type: 'relayed', from: links.nodeId, to: nodeId, hopsLeft: MAX_HOPS, message })
  }

  /** Sends to all reachable nodes. */
  broadcast(message: PeerMessage): void {
    this.#deps.links.broadcast(message)
    for (const { nodeId } of this.relayed()) this.send(nodeId, message)
  }

  /** All nodes that can be reached. */
  peers(): { readonly nodeId: NodeId }[] {
    return [...this.#hops.keys()].map((nodeId) => ({ nodeId }))
  }

  /** Whether a node's link ended because of silence and has not been made again: the node is unlikely to return at once. */
  wasSilent(nodeId: NodeId): boolean {
    return this.#silent.has(nodeId)
  }

  /** Nodes without a direct link, and the node that relays to them. */
  relayed(): { readonly nodeId: NodeId; readonly hop: NodeId }[] {
    return [...this.#hops].filter(([nodeId, hop]) => hop !== nodeId).map(([nodeId, hop]) => ({ nodeId, hop }))
  }

  /** @throws AppError `no-link` without a route to that node, `too-many-streams`, `header-too-large` */
  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream {
    return this.#openStream({ to: nodeId, kind, header, hopsLeft: MAX_HOPS }, signal)
  }

  handleStream(kind: string, handler: (stream: LinkStream) => Promise<void>): void {
    this.#deps.links.handleStream(kind, handler)
  }

  /** A node has a new link or route: earlier messages may not have arrived. */
  onReached(listener: (nodeId: NodeId) => void): void {
    this.#reachedListeners.push(listener)
  }

  /** Called for all messages except those that concern only the two ends of a link, by whichever route they came. */
  onMessage(listener: (from: NodeId, message: PeerMessage) => void): void {
    this.#messageListeners.push(listener)
  }

  #receive(from: NodeId, message: PeerMessage): void {
    if (message.type === 'link-map') return this.#learn(from, message.entries)
    if (message.type === 'relayed')
      return message.to === this.#deps.links.nodeId
        ? this.#receiveRelayed(message)
        : void this.#relay({ ...message, hopsLeft: message.hopsLeft - 1 })
    if (!isLinkOnly(message)) this.#deliver(from, message)
  }

  #receiveRelayed({ from, message }: PeerMessageOf<'relayed'>): void {
    const { log } = this.#deps
    // A linked node reports its own links.
    if (this.#hops.get(from) === from) return
    const parsed = parseTolerantly(PeerMessage, message)
    if (parsed.success && !isLinkOnly(parsed.data)) this.#deliver(from, parsed.data)
    else log.warn('a relayed message is invalid', { from })
  }

  #deliver(from: NodeId, message: PeerMessage): void {
    for (const listener of this.#messageListeners) listener(from, message)
  }

  #relay(message: PeerMessageOf<'relayed'>): boolean {
    const hop = this.#hops.get(message.to)
    return hop !== undefined && message.hopsLeft > 0 && this.#deps.links.send(hop, message)
  }

  #openStream(header: RelayStreamHeader, signal?: AbortSignal): LinkStream {
    const { links } = this.#deps
    const hop = this.#hops.get(header.to)
    if (hop === undefined || header.hopsLeft === 0)
      throw new AppError('no-link', `There is no route to node ${header.to}.`, { nodeId: header.to })
    return hop === header.to
      ? links.openStream(header.to, header.kind, header.header, signal)
      : links.openStream(hop, STREAM_KIND, header, signal)
  }

  async #relayStream(stream: LinkStream): Promise<void> {
    const header = parseSaid(PEER_STREAMS.relay.request, stream.header)
    await joinStreams(stream, this.#openStream({ ...header, hopsLeft: header.hopsLeft - 1 }))
  }

  #learn(from: NodeId, told: readonly LinkMapEntry[]): void {
    const { links } = this.#deps
    const { map, news } = takeEntries(
      this.#map,
      told.filter((entry) => this.#isBelieved(from, entry)),
    )
    if (news.length === 0) return
    this.#map = map
    for (const { nodeId } of news) this.#news.set(nodeId, from)
    // An entry of this node itself from before its clock was set back.
    if (news.some(({ nodeId }) => nodeId === links.nodeId)) this.#tellOwnLinks()
    this.#findWays()
  }

  /** A linked node is the authority on its own links. Other nodes know no more about this node than it has reported itself. */
  #isBelieved(from: NodeId, { nodeId, version }: LinkMapEntry): boolean {
    if (nodeId === this.#deps.links.nodeId)
      return version < Math.max(this.#deps.clock.epochMs(), this.#map.get(nodeId)?.version ?? 0) + LONGEST_SET_BACK_MS
    return nodeId === from || this.#hops.get(nodeId) !== nodeId
  }

  #tellOwnLinks(): void {
    const { links, clock } = this.#deps
    const { nodeId } = links
    const version = Math.min(MAX_LINK_MAP_VERSION, Math.max(clock.epochMs(), (this.#map.get(nodeId)?.version ?? 0) + 1))
    this.#map = takeEntries(this.#map, [{ nodeId, version, peers: links.peers().map((peer) => peer.nodeId) }]).map
    this.#news.set(nodeId, null)
  }

  /** Waits briefly to combine changes into one message. */
  #tellNews(): void {
    if (this.#news.size === 0) return
    const { links } = this.#deps
    const news = [...this.#news].map(([nodeId, from]) => ({ from, entry: this.#map.get(nodeId)! }))
    this.#news = new Map()
    for (const { nodeId: peerId } of links.peers()) {
      const entries = news
        .filter(({ from, entry }) => from === null || (from !== peerId && needsTelling(entry, peerId)))
        .map(({ entry }) => entry)
      if (entries.length > 0) links.send(peerId, { type: 'link-map', entries })
    }
  }

  #findWays(): void {
    const { links, log } = this.#deps
    const before = this.#hops
    this.#hops = nextHops(
      this.#map,
      links.nodeId,
      links.peers().map(({ nodeId }) => nodeId),
    )
    if (this.#map.size > MAX_MAP_ENTRIES)
      this.#map = new Map([...this.#map].filter(([nodeId]) => nodeId === links.nodeId || this.#hops.has(nodeId)))
    for (const [nodeId, hop] of this.#hops) {
      if (hop === nodeId || before.get(nodeId) === hop) continue
      log.debug('reached over another node', { nodeId, hop })
      this.#reached(nodeId)
    }
  }

  #reached(nodeId: NodeId): void {
    for (const listener of this.#reachedListeners) listener(nodeId)
  }
}
