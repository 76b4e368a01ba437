import type { InterfaceKind } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerAnnouncement } from './peer-announcement.ts'

/** The medium of a path to a peer. `other`: an interface of unknown kind, or a router. */
export type PathKind = 'same-machine' | InterfaceKind

/**
 * Somebody said that a node is at this address. All sources are alike: unproven until a link to it stands.
 *
 * What is null is not known: of a static peer only its address is.
 */
export interface PeerObservation {
  readonly nodeId: NodeId | null
  readonly nodeName: string | null
  readonly clusterName: string | null
  readonly needsKey: boolean | null
  readonly version: string | null
  /** Memory of the machine. */
  readonly totalBytes: number | null
  /** IPv4, IPv6 (link-local with its scope, `fe80::1%en0`), or for static peers a host name. */
  readonly host: string
  readonly peerPort: number
  readonly source: 'mdns' | 'broadcast' | 'static' | 'peer'
  /** This machine's interface that faces the address. */
  readonly interfaceName: string | null
  readonly pathKind: PathKind
  /** Milliseconds since 1970. */
  readonly seenAtMs: number
}

/** What the two listening sources hand on. */
export interface PeerSighting {
  readonly announcement: PeerAnnouncement
  readonly host: string
  readonly source: 'mdns' | 'broadcast'
}

const DIAL_DELAY_MS: Readonly<Record<PathKind, number>> = { 'same-machine': 0, thunderbolt: 50, ethernet: 100, wifi: 200, other: 250 }

/** How much later than the best path to the same node a path is tried, so that links take the best one. */
export function dialDelayMs(kind: PathKind): number {
  return DIAL_DELAY_MS[kind]
}
