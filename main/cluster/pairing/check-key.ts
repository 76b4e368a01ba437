import { deriveClusterKey, isClusterKeyProven, proveClusterKey } from '../link/cluster-key.ts'
import type { PairingConnection } from './dial-pairing.ts'
import { PAIRING_PROTOCOL, type PairingFrameOf, type PairingRefusal } from './pairing-frame.ts'

/**
 * Asks a node of a cluster whether it would take this one with this key, before anything is left for it.
 * @throws AppError `cluster-key-missing` | `cluster-key-wrong` | `pairing-…`
 */
export async function checkKey({ channel, peer }: PairingConnection, clusterName: string, clusterKey: string | null, signal: AbortSignal): Promise<void> {
  try {
    const keyProof = clusterKey === null ? null : proveClusterKey(await deriveClusterKey(clusterKey, clusterName), peer.channelBinding, 'dialer')
    channel.send({ type: 'key-check', protocol: PAIRING_PROTOCOL, clusterName, keyProof })
    await channel.receive('key-fits', signal)
  } finally {
    channel.close()
  }
}

/** The other half: null where the key fits. */
export function judgeKey(frame: PairingFrameOf<'key-check'>, membership: { readonly clusterName: string; readonly derivedKey: Buffer | null }, channelBinding: Buffer): PairingRefusal | null {
  const { clusterName, derivedKey } = membership
  if (frame.protocol !== PAIRING_PROTOCOL) return 'other-protocol'
  if (frame.clusterName !== clusterName) return 'other-cluster'
  if (derivedKey === null) return frame.keyProof === null ? null : 'no-key'
  if (frame.keyProof === null) return 'key-missing'
  return isClusterKeyProven(frame.keyProof, derivedKey, channelBinding, 'dialer') ? null : 'key-wrong'
}
