import type { NodeId } from '../../../shared/ids.ts'
import type { AdmissionMode } from '../../../shared/wire/peer/cluster-record.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'
import type { RefusalCode } from './link-frame.ts'
import { keepLatest } from '../../../shared/keep-latest.ts'

/** A node that is reachable but not in this cluster. */
export interface RefusedPeer {
  readonly nodeId: NodeId
  readonly nodeName: string
  /** Memory of its machine. */
  readonly totalBytes: number
  readonly address: string
  /** The cluster that the other node is in. */
  readonly clusterName: string
  /** Whether that cluster has a key. */
  readonly needsKey: boolean
  /** `narrow-path`: neither node refuses the other, but their messages do not get through. */
  readonly code: RefusalCode | 'narrow-path'
  /** The reason to display. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly seenAtMs: number
}

export type RefusalListener = (nodeId: NodeId, address: PeerAddress, code: RefusalCode) => void

const MAX_KEPT = 256
/** A node that is still there asks, or is asked, again within half a minute. */
const EXPIRY_MS = 60_000

/** The obstacle to display, as seen from this node. */
export function describeRefusal(code: RefusalCode, clusterName: string, own: AdmissionMode, theirs: AdmissionMode): string {
  switch (code) {
    case 'other-cluster':
      return `it is in cluster '${clusterName}'`
    case 'key-missing':
    case 'key-wrong':
      return describeKeys(clusterName, own, theirs)
    case 'other-protocol':
      return 'it runs an incompatible version of exo'
    case 'too-many-peers':
      return 'one of the two has reached its limit of peers'
    case 'identity-in-use':
      return 'another machine has the same identity; on one of the two, stop exo and run: exo identity new'
    case 'duplicate':
    case 'self':
      return 'it is already linked'
  }
}

function describeKeys(clusterName: string, own: AdmissionMode, theirs: AdmissionMode): string {
  if (own === 'key') return theirs === 'key' ? 'its cluster key differs from the key of this node' : 'it does not have the cluster key'
  if (theirs === 'key') return `cluster '${clusterName}' has a key: start this node with --cluster-key`
  if (own === 'members')
    return theirs === 'members'
      ? 'it is not a member of this cluster: exo members'
      : `cluster '${clusterName}' is open: to join it, start this node with --open`
  return 'it is in a closed cluster: start it with --open, or this node without'
}

/** The latest refusal of each node, in either direction. Pure: times are parameters, in ms of a monotonic clock. */
export class RefusedPeers {
  readonly #peers = new Map<NodeId, { readonly peer: RefusedPeer; readonly notedMs: number }>()

  add(peer: RefusedPeer, nowMs: number): void {
    this.#peers.delete(peer.nodeId)
    this.#peers.set(peer.nodeId, { peer, notedMs: nowMs })
    keepLatest(this.#peers, MAX_KEPT)
  }

  remove(nodeId: NodeId): void {
    this.#peers.delete(nodeId)
  }

  list(nowMs: number): RefusedPeer[] {
    return [...this.#peers.values()].flatMap(({ peer, notedMs }) => (nowMs - notedMs <= EXPIRY_MS ? [peer] : []))
  }
}
