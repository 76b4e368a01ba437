import type { NodeId } from '../../shared/ids.ts'
import { KeyExchange } from '../key-exchange/key-exchange.ts'
import { deriveClusterKey } from '../key-exchange/cluster-key.ts'
import type { ProvenPeer } from '../link/sockets/secure-socket.ts'
import type { PairingConnection } from './dial-pairing.ts'
import type { PairingChannel } from './pairing-channel.ts'
import { pairingError } from './pairing-error.ts'
import { KEY_CHECK_PROTOCOL, type PairingFrameOf, type PairingRefusal } from './pairing-frame.ts'

/** The inputs of either side of a key check. */
export interface KeyCheckSide {
  readonly selfId: NodeId
  /** 32 random bytes, used once. */
  readonly scalarBytes: Uint8Array
}

/**
 * Asks a node of a cluster whether it would admit this one with this key, before this node leaves its own cluster. That
 * node proves in return that it holds the key, and learns nothing about a different key.
 * @param isOpen - without a key: whether this node admits anyone; undefined: it may be either
 * @throws AppError `cluster-key-missing` | `cluster-key-wrong` | `pairing-…`
 */
export async function checkKey(
  { channel, peer }: PairingConnection,
  clusterName: string,
  clusterKey: string | null,
  isOpen: boolean | undefined,
  { selfId, scalarBytes }: KeyCheckSide,
  signal: AbortSignal,
): Promise<void> {
  try {
    const inputs = {
      clusterName,
      purpose: 'join',
      role: 'dialer',
      selfId,
      peerId: peer.nodeId,
      channelBinding: peer.channelBinding,
    } as const
    const exchange =
      clusterKey === null ? null : new KeyExchange({ ...inputs, derivedKey: await deriveClusterKey(clusterKey, clusterName) }, scalarBytes)
    channel.send({
      type: 'key-check',
      protocol: KEY_CHECK_PROTOCOL,
      clusterName,
      keyShare: exchange?.share ?? null,
      ...(isOpen !== undefined && { isOpen }),
    })
    if (exchange) {
      const { keyShare } = await channel.receive('key-share', signal)
      if (!exchange.meet(keyShare)) throw pairingError('broken')
      channel.send({ type: 'key-proof', keyProof: exchange.prove() })
    }
    const { keyProof } = await channel.receive('key-fits', signal)
    if (exchange && !(keyProof !== null && exchange.isProven(keyProof))) throw pairingError('key-wrong')
  } finally {
    channel.close()
  }
}

/** The reason not to check a key; null if it is checked or there is none. */
export function refuseKeyCheck(
  { protocol, clusterName, keyShare, isOpen }: PairingFrameOf<'key-check'>,
  membership: { readonly clusterName: string; readonly hasKey: boolean; readonly isOpen: boolean },
): PairingRefusal | null {
  if (protocol !== KEY_CHECK_PROTOCOL || keyShare === undefined) return 'other-protocol'
  if (clusterName !== membership.clusterName) return 'other-cluster'
  if (!membership.hasKey && keyShare !== null) return 'no-key'
  if (!membership.hasKey)
    return isOpen === undefined || isOpen === membership.isOpen ? null : membership.isOpen ? 'open-there' : 'closed-there'
  return keyShare === null ? 'key-missing' : null
}

/**
 * The answering half: sends its share, checks a single proof, and only then sends its own. @returns the proof for the
 * other side, or null if the keys differ
 */
export async function answerKeyCheck(
  channel: PairingChannel,
  peer: ProvenPeer,
  keyShare: string,
  { clusterName, derivedKey }: { readonly clusterName: string; readonly derivedKey: Buffer },
  { selfId, scalarBytes }: KeyCheckSide,
  signal: AbortSignal,
): Promise<string | null> {
  const exchange = new KeyExchange(
    { derivedKey, clusterName, purpose: 'join', role: 'acceptor', selfId, peerId: peer.nodeId, channelBinding: peer.channelBinding },
    scalarBytes,
  )
  if (!exchange.meet(keyShare)) return null
  channel.send({ type: 'key-share', keyShare: exchange.share })
  const { keyProof } = await channel.receive('key-proof', signal)
  return exchange.isProven(keyProof) ? exchange.prove() : null
}
