import type { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerAddress } from './dialing/dial-targets.ts'
import type { FrameReader } from './streams/frame-reader.ts'
import type { LinkedPeer } from './links.ts'
import type { PeerLink } from './peer-link.ts'

/** The result of a completed greeting, from which a link is made. */
export interface LinkConnection {
  readonly webSocket: WebSocket
  readonly socket: TLSSocket
  readonly frames: FrameReader
  readonly isDialer: boolean
}

/** An established link, with the other end's hello. */
export interface LinkEntry {
  readonly link: PeerLink
  readonly nodeName: string
  readonly totalBytes: number
  readonly address: PeerAddress
  readonly isDialer: boolean
  readonly startedMs: number
  /** The id of its process; undefined if it does not send one. */
  readonly bootId: string | undefined
}

export function describeLinkedPeer(nodeId: NodeId, { link, nodeName, totalBytes, address, isDialer }: LinkEntry): LinkedPeer {
  const { isInDoubt, lossRatio } = link
  return { nodeId, nodeName, totalBytes, address, isDialer, roundTripMs: link.roundTripMs(), ...link.bytes(), isInDoubt, lossRatio }
}
