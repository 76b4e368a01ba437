import type { InterfaceKind } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerAnnouncement } from './peer-announcement.ts'

/** The medium of a path to a peer. `other`: an interface of unknown kind, or a router. */
export type PathKind = 'same-machine' | InterfaceKind

/**
 * An unverified report that a node is at this address. All sources are treated alike until a link to the node proves
 * its identity.
 *
 * A null field is unknown: for a static peer, only the address is known.
 */
export interface PeerObservation {
  readonly nodeId: NodeId | null
  readonly nodeName: string | null
  readonly clusterName: string | null
  readonly needsKey: boolean | null
  readonly version: string | null
  /** Memory of the machine. */
  readonly totalBytes: number | null
  /** IPv4, IPv6 (link-local with its scope, `fe80::1%en0`), or a host name for static peers. */
  readonly host: string
  readonly peerPort: number
  readonly source: 'mdns' | 'broadcast' | 'static' | 'peer'
  /** This machine's interface that faces the address. */
  readonly interfaceName: string | null
  readonly pathKind: PathKind
  /** Milliseconds since 1970. */
  readonly seenAtMs: number
}

/** The common output of the two listening sources. */
export interface PeerSighting {
  readonly announcement: PeerAnnouncement
  readonly host: string
  readonly source: 'mdns' | 'broadcast'
}

const DIAL_DELAY_MS: Readonly<Record<PathKind, number>> = { 'same-machine': 0, thunderbolt: 50, ethernet: 100, wifi: 200, other: 250 }

/** The delay before a path is tried, relative to the best path to the same node, so that links use the best one. */
export function dialDelayMs(kind: PathKind): number {
  return DIAL_DELAY_MS[kind]
}
