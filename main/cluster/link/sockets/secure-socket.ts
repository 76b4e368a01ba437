import type { TLSSocket, SecureContextOptions } from 'node:tls'
import { connect } from 'node:tls'
import { AppError } from '../../../shared/app-error.ts'
import type { NodeId } from '../../../shared/ids.ts'
import { fingerprintPublicKey } from '../../identity/fingerprint-public-key.ts'
import type { NodeIdentity } from '../../identity/open-identity.ts'
import { SEAL_SECRET_BYTES } from '../datagrams/datagram-seal.ts'

/**
 * TLS 1.3 with the node's own certificate. No authority signs it: the other side derives the node id from the key that
 * TLS has proven. The signature algorithm is set explicitly, because the BoringSSL in Electron does not offer Ed25519
 * by default.
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
 * The default key exchange, which is secure against quantum computers, fills a whole packet. This small one carries
 * nothing secret and passes where only small packets do.
 */
export const SMALL_KEYS = { ecdhCurve: 'X25519' } as const

/** The identity of the other end, as proven by TLS. */
export interface ProvenPeer {
  readonly nodeId: NodeId
  /** Known only to the two ends of this TLS session. */
  readonly channelBinding: Buffer
  /** Key material for the link's datagrams. */
  readonly sealSecret: Buffer
}

/** @throws AppError `peer-unproven` if the other side did not present an Ed25519 certificate */
export function provenPeerOf(socket: TLSSocket): ProvenPeer {
  const publicKey = socket.getPeerX509Certificate()?.publicKey
  if (publicKey?.asymmetricKeyType !== 'ed25519') throw new AppError('peer-unproven', 'The other side did not present a node certificate.')
  return {
    nodeId: fingerprintPublicKey(publicKey),
    channelBinding: socket.exportKeyingMaterial(32, 'EXPORTER-exo-link', Buffer.alloc(0)),
    sealSecret: socket.exportKeyingMaterial(SEAL_SECRET_BYTES, 'EXPORTER-exo-datagram', Buffer.alloc(0)),
  }
}

/** A lost first packet is retransmitted after one second and again after two more: a new attempt is faster than that. */
const CONNECT_LIMIT_MS = 2500

/** Connects and waits for the TLS handshake. IPv6 link-local hosts include their scope: `fe80::1%en0`. Rejects with `signal`'s reason. */
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
