import type { TLSSocket, SecureContextOptions } from 'node:tls'
import { connect } from 'node:tls'
import { AppError } from '../../../shared/app-error.ts'
import type { NodeId } from '../../../shared/ids.ts'
import { fingerprintPublicKey } from '../../identity/fingerprint-public-key.ts'
import type { NodeIdentity } from '../../identity/open-identity.ts'
import { SEAL_SECRET_BYTES } from '../datagrams/datagram-seal.ts'

/**
 * TLS 1.3 with the node's own certificate. No authority signs it: the other side takes the node id from the key that TLS has
 * proven. The signature algorithm is named, as the BoringSSL in Electron offers no Ed25519 unless asked.
 */
export function secureOptions(identity: NodeIdentity) {
  return {
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    sigalgs: 'ed25519',
    rejectUnauthorized: false,
  } as const satisfies SecureContextOptions & { rejectUnauthorized: boolean }
}

/**
 * The keys of the default exchange, which quantum computers cannot guess, fill a packet. These, by which nothing secret is sent, pass where
 * only small packets do.
 */
export const SMALL_KEYS = { ecdhCurve: 'X25519' } as const

/** The identity of the other end, as proven by TLS. */
export interface ProvenPeer {
  readonly nodeId: NodeId
  /** Known to the two ends of this TLS session only. */
  readonly channelBinding: Buffer
  /** Keys of the datagrams beside the link. */
  readonly sealSecret: Buffer
}

/** @throws AppError `peer-unproven` when the other side showed no Ed25519 certificate */
export function provenPeerOf(socket: TLSSocket): ProvenPeer {
  const publicKey = socket.getPeerX509Certificate()?.publicKey
  if (publicKey?.asymmetricKeyType !== 'ed25519') throw new AppError('peer-unproven', 'The other side did not present a node certificate.')
  return {
    nodeId: fingerprintPublicKey(publicKey),
    channelBinding: socket.exportKeyingMaterial(32, 'EXPORTER-exo-link', Buffer.alloc(0)),
    sealSecret: socket.exportKeyingMaterial(SEAL_SECRET_BYTES, 'EXPORTER-exo-datagram', Buffer.alloc(0)),
  }
}

/** A lost first packet is sent again after a second, the next after two more: a new try is quicker then. */
const CONNECT_LIMIT_MS = 2500

/** Connects and waits for the TLS handshake. IPv6 link-local hosts carry their scope: `fe80::1%en0`. Rejects with `signal`'s reason. */
export function dialSecurely(
  host: string,
  port: number,
  identity: NodeIdentity,
  signal: AbortSignal,
  keys: { readonly ecdhCurve?: string } = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...secureOptions(identity), ...keys })
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      reject(error)
    }
    const abort = (): void => fail(signal.reason)
    socket.setNoDelay(true)
    socket.setTimeout(CONNECT_LIMIT_MS, () => fail(new AppError('connect-timeout', `${host} does not answer at port ${port}.`)))
    socket.once('connect', () => socket.setTimeout(0))
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
      resolve(socket)
    })
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
