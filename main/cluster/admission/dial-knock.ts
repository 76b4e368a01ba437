import type { TLSSocket } from 'node:tls'
import type { NodeIdentity } from '../identity/open-identity.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'
import { PAIRING_PATH } from '../link/sockets/link-server.ts'
import { openWebSocket } from '../link/sockets/open-web-socket.ts'
import { dialSecurely, provenPeerOf } from '../link/sockets/secure-socket.ts'
import { PairingChannel } from '../pairing/pairing-channel.ts'
import type { KnockPath } from '../pairing/knock-path.ts'

/** Connects to a node's pairing path. Rejects with `signal`'s reason if that aborts first. */
export async function dialKnock(
  { host, port }: PeerAddress,
  identity: NodeIdentity,
  pathOf: (socket: TLSSocket) => Omit<KnockPath, 'nodeId'>,
  signal: AbortSignal,
): Promise<{ readonly channel: PairingChannel; readonly path: KnockPath }> {
  const socket = await dialSecurely(host, port, identity, signal)
  try {
    const { nodeId } = provenPeerOf(socket)
    const path = { nodeId, ...pathOf(socket), host }
    return { channel: new PairingChannel(await openWebSocket(socket, signal, PAIRING_PATH)), path }
  } catch (error) {
    socket.destroy()
    throw error
  }
}
