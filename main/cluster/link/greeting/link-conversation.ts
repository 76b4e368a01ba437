import type { WebSocket } from 'ws'
import type { NodeId } from '../../../shared/ids.ts'
import type { Random } from '../../../platform/random.ts'
import { KeyExchange } from '../../key-exchange/key-exchange.ts'
import { proveClusterKey, type LinkRole } from '../../key-exchange/cluster-key.ts'
import type { FrameReader } from '../streams/frame-reader.ts'
import type { GreetingIdentity, ShownKey } from './greeting.ts'
import { isByChosenKey, type LinkMembership } from './judge-hello.ts'
import type { RefusalLog } from './refusal-log.ts'
import type { ProvenPeer } from '../sockets/secure-socket.ts'

/** A greeting between two nodes, from the first frame to a link or a refusal. */
export interface LinkConversation {
  readonly webSocket: WebSocket
  readonly frames: FrameReader
  readonly peer: ProvenPeer
  /** The address of the other end, as seen by this node. */
  readonly host: string
  readonly selfId: NodeId
  readonly refusals: RefusalLog
  readonly random: Pick<Random, 'bytes'>
  /** The current key, which may have changed in the meantime. */
  greeting(): GreetingIdentity
}

/** null: the cluster has no key chosen by people. */
export function openKeyExchange(
  { selfId, peer, random }: LinkConversation,
  membership: LinkMembership,
  role: LinkRole,
): KeyExchange | null {
  const { derivedKey, clusterName } = membership
  if (derivedKey === null || !isByChosenKey(membership)) return null
  const { nodeId: peerId, channelBinding } = peer
  return new KeyExchange({ derivedKey, clusterName, purpose: 'link', role, selfId, peerId, channelBinding }, random.bytes(32))
}

export function shownKey(exchange: KeyExchange | null, { derivedKey }: LinkMembership, channelBinding: Buffer, role: LinkRole): ShownKey {
  if (exchange) return { keyProof: null, keyShare: exchange.share }
  return { keyProof: derivedKey && proveClusterKey(derivedKey, channelBinding, role) }
}
