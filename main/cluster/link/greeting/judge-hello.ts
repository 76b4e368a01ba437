import type { NodeId } from '../../../shared/ids.ts'
import type { AdmissionMode } from '../../../shared/wire/peer/cluster-record.ts'
import { isClusterKeyProven, type LinkRole } from '../../key-exchange/cluster-key.ts'
import { saysKey, type Hello, type RefusalCode } from './link-frame.ts'
import { agreedVersion, LINK_VERSIONS, versionsOf } from './link-versions.ts'

/** The facts about a node that links need. */
export interface LinkMembership {
  readonly clusterName: string
  /** null: the cluster has no key. */
  readonly derivedKey: Buffer | null
  readonly admission: AdmissionMode
}

/**
 * A key chosen by people can be guessed, so it is proven by a key exchange, in which neither side sends anything to
 * test guesses against.
 */
export function isByChosenKey({ derivedKey, admission }: LinkMembership): boolean {
  return derivedKey !== null && admission === 'key'
}

/**
 * Null if, according to its hello, the node at the other end belongs to this cluster, or else the reason why not. For a
 * key chosen by people, the proof follows later.
 */
export function judgeHello(hello: Hello, membership: LinkMembership, channelBinding: Buffer, peerRole: LinkRole): RefusalCode | null {
  const { clusterName, derivedKey } = membership
  const isChosen = isByChosenKey(membership)
  if (agreedVersion(LINK_VERSIONS, versionsOf(hello)) === null) return 'other-protocol'
  if (hello.clusterName !== clusterName) return 'other-cluster'
  if ((derivedKey === null) !== !saysKey(hello)) return 'key-missing'
  if (isChosen !== (hello.keyShare !== undefined)) return 'key-wrong'
  if (isChosen || derivedKey === null || hello.keyProof === null) return null
  return isClusterKeyProven(hello.keyProof, derivedKey, channelBinding, peerRole) ? null : 'key-wrong'
}

/** This node's own connections to the node that sent the hello. */
export interface KnownConnections {
  readonly link: { readonly isOurDial: boolean; readonly ageMs: number } | null
  /** A dial of this node to that one has proven its identity and is about to become a link. */
  readonly hasDial: boolean
}

/** A hello cannot be older than the handshake that it belongs to. */
const CROSSING_MS = 10_000

/**
 * The acceptor's decision on a valid hello. If two nodes dial each other at the same time, the connection of the one
 * with the smaller id is kept. A dialer sends a hello only if it knows no link to this node. So if this node still has
 * a link, the dialer has lost it, unless the hello crossed the answer to this node's own dial.
 */
export function judgeConnection(
  selfId: NodeId,
  peerId: NodeId,
  { link, hasDial }: KnownConnections,
): 'accept' | 'replace-link' | 'replace-dial' | 'refuse-duplicate' {
  const winsCrossing = selfId < peerId
  if (link) return winsCrossing && link.isOurDial && link.ageMs < CROSSING_MS ? 'refuse-duplicate' : 'replace-link'
  if (!hasDial) return 'accept'
  return winsCrossing ? 'refuse-duplicate' : 'replace-dial'
}
