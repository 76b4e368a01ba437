import { createHmac, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { isGeneratedKey } from '../../shared/generated-key.ts'

const deriveBytes = promisify<string, string, number, ScryptOptions, Buffer>(scrypt)
/** OWASP's parameters: 128 MiB and half a second for each guess. */
const SCRYPT: ScryptOptions = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }

/** Who opened the connection. Each side proves as itself, so that a proof sent back proves nothing. */
export type LinkRole = 'dialer' | 'acceptor'

/**
 * The key as proofs use it. Key exchanges show nothing of a chosen one to guess at; it is slow all the same, for the day when
 * somebody breaks their group. A generated key of 256 bits cannot be guessed, so it costs nothing.
 */
export async function deriveClusterKey(clusterKey: string, clusterName: string): Promise<Buffer> {
  if (isGeneratedKey(clusterKey)) return createHmac('sha256', Buffer.from(clusterKey, 'hex')).update(`exo cluster ${clusterName}`).digest()
  return deriveBytes(clusterKey.normalize('NFC'), `exo cluster ${clusterName}`, 32, SCRYPT)
}

/**
 * Proof, in hexadecimal, that the side with `role` holds a secret that nobody can guess.
 *
 * @param channelBinding - what only the two ends of this TLS session know: a proof is worth nothing on another session
 */
export function proveClusterKey(derivedKey: Buffer, channelBinding: Buffer, role: LinkRole): string {
  return createHmac('sha256', derivedKey).update(`exo link ${role} `).update(channelBinding).digest('hex')
}

export function isClusterKeyProven(proof: string, derivedKey: Buffer, channelBinding: Buffer, role: LinkRole): boolean {
  const expected = Buffer.from(proveClusterKey(derivedKey, channelBinding, role), 'hex')
  const given = Buffer.from(proof, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
