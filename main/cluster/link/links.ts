import type { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionMode } from '../../shared/wire/peer/cluster-record.ts'
import type { NodeIdentity } from '../identity/open-identity.ts'
import type { DatagramSocket } from './datagrams/datagram-socket.ts'
import type { DialTarget, PeerAddress } from './dialing/dial-targets.ts'
import type { AcceptConnection } from './sockets/link-server.ts'
import type { LinkStream } from './streams/link-stream.ts'
import type { StreamHandler } from './streams/link-streams.ts'
import type { LinkEnd } from './peer-link.ts'
import type { RefusalListener, RefusedPeer } from './greeting/refused-peers.ts'

export interface LinksOptions<Message> {
  readonly identity: NodeIdentity
  /** Display name, such as the host name. */
  readonly nodeName: string
  /** Memory of this machine. */
  readonly totalBytes: number
  readonly clusterName: string
  /** null: an open cluster. */
  readonly clusterKey: string | null
  /** Absent: `key` with a key, `open` without one. */
  readonly admission?: AdmissionMode
  /** False while this node is the only member: then no other node can belong to the cluster. */
  readonly takesLinks?: () => boolean
  /** Host null: all addresses of the machine; port 0: any free one. */
  readonly listen: { readonly host: string | null; readonly port: number }
  /** Accepts connections of nodes of other clusters that want to pair; absent: they are closed. */
  readonly acceptPairing?: AcceptConnection
  /** Opens the UDP port; absent: in this thread, so that a node falls silent while it is busy. */
  readonly openDatagrams?: (listen: { readonly host: string | null; readonly port: number }) => Promise<DatagramSocket>
  /** The messages between nodes. A peer that sends anything else is disconnected. */
  readonly schema: z.ZodType<Message>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** A node that is linked to this one. */
export interface LinkedPeer {
  readonly nodeId: NodeId
  readonly nodeName: string
  /** Memory of its machine. */
  readonly totalBytes: number
  /** The address of its end of the link, and the port on which it accepts links. */
  readonly address: PeerAddress
  /** Whether this node opened the link. */
  readonly isDialer: boolean
  /** Median of the latest; null before the first. */
  readonly roundTripMs: number | null
  /** Bytes over the link's connection since it began, without datagrams. */
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Nothing has been received over TCP for seconds, regardless of heartbeats. */
  readonly isInDoubt?: boolean
  /** Of its recent datagrams, the ratio that did not arrive. */
  readonly lossRatio?: number
}

/**
 * The links of this node: at most one to every other node of its cluster, maintained as long as an address of it is
 * known.
 *
 * Messages on one link arrive complete and in order. When a link is lost, so are the messages in flight: `onPeerLost`
 * reports the loss, and `onPeer` a new link. Listeners are called synchronously and must not throw.
 */
export interface Links<Message> {
  readonly nodeId: NodeId
  /** @throws AppError `peer-port-in-use`, `peer-port-failed` */
  listen(): Promise<{ readonly port: number }>
  /** Adds a possible address of a node; links are made and remade from these. Call it for every observation: it is cheap. */
  dial(target: DialTarget): void
  onPeer(listener: (peer: LinkedPeer) => void): void
  onPeerLost(listener: (nodeId: NodeId, end: LinkEnd) => void): void
  /** Reports the machine's current addresses. Links from any other address are dead and are made again at once. */
  addressesChanged(addresses: ReadonlySet<string>): void
  onMessage(listener: (nodeId: NodeId, message: Message) => void): void
  /** @returns false without a link to that node. @throws AppError `message-too-large` */
  send(nodeId: NodeId, message: Message): boolean
  /**
   * For small periodic messages, such as those of an election: uses datagrams when they pass. A message may be lost or
   * overtake others, but never waits behind a lost packet as with `send`.
   */
  sendLossy(nodeId: NodeId, message: Message): boolean
  /** Sends to all linked nodes. @throws AppError `message-too-large` */
  broadcast(message: Message): void
  /** @throws AppError `no-link`, `too-many-streams`, `header-too-large` */
  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream
  handleStream(kind: string, handler: StreamHandler): void
  peers(): LinkedPeer[]
  /** Nodes that are reachable but not in this cluster, with the reason. */
  refused(): RefusedPeer[]
  onRefused(listener: RefusalListener): void
  /** Changes the cluster's key; existing links stay. */
  rekey(clusterKey: string): Promise<void>
  /** Dials the nodes that refused this one again at once. */
  retryRefused(): void
  /** Closes the link to a node that is no longer a member. */
  cut(nodeId: NodeId): void
  /** Closes the link to a node if it uses this address, which loses large packets: whatever is sent next would get stuck. */
  leaveNarrow(nodeId: NodeId, host: string): void
  close(): Promise<void>
}
