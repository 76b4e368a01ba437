import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { NodeIdentity } from '../identity/open-identity.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'
import { PAIRING_PATH } from '../link/sockets/link-server.ts'
import { openWebSocket } from '../link/sockets/open-web-socket.ts'
import { dialSecurely, provenPeerOf, type ProvenPeer } from '../link/sockets/secure-socket.ts'
import { PairingChannel } from './pairing-channel.ts'

export interface PairingConnection {
  readonly channel: PairingChannel
  readonly peer: ProvenPeer
}

/**
 * Connects to the first of the addresses at which a node answers.
 * @throws AppError `cluster-unreachable`
 */
export async function dialPairing(
  addresses: readonly PeerAddress[],
  identity: NodeIdentity,
  signal: AbortSignal,
): Promise<PairingConnection> {
  const reasons: string[] = []
  for (const { host, port } of addresses) {
    try {
      const socket = await dialSecurely(host, port, identity, signal)
      try {
        const peer = provenPeerOf(socket)
        return { peer, channel: new PairingChannel(await openWebSocket(socket, signal, PAIRING_PATH)) }
      } catch (error) {
        socket.destroy()
        throw error
      }
    } catch (error) {
      signal.throwIfAborted()
      reasons.push(`${host}:${port}: ${errorMessage(error)}`)
    }
  }
  throw new AppError('cluster-unreachable', 'No machine of that cluster answers. Check that exo is running there and on this network.', {
    reasons,
  })
}
