import { createHmac, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { isGeneratedKey } from '../../shared/generated-key.ts'

const deriveBytes = promisify<string, string, number, ScryptOptions, Buffer>(scrypt)
/** OWASP's parameters: 128 MiB and half a second per guess. */
const SCRYPT: ScryptOptions = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }

/** The side of the connection. Each side proves in its own role, so that a reflected proof is invalid. */
export type LinkRole = 'dialer' | 'acceptor'

/**
 * Derives the key that proofs use. Key exchanges do not expose a chosen key to offline guessing; the derivation is slow
 * nevertheless, in case the group is ever broken. A generated key of 256 bits cannot be guessed and needs no slow
 * derivation.
 */
export async function deriveClusterKey(clusterKey: string, clusterName: string): Promise<Buffer> {
  if (isGeneratedKey(clusterKey)) return createHmac('sha256', Buffer.from(clusterKey, 'hex')).update(`exo cluster ${clusterName}`).digest()
  return deriveBytes(clusterKey.normalize('NFC'), `exo cluster ${clusterName}`, 32, SCRYPT)
}

/**
 * Proof, in hexadecimal, that the side with `role` has a random secret.
 *
 * @param channelBinding - known only to the two ends of this TLS session, so that the proof is invalid on any other
 */
export function proveClusterKey(derivedKey: Buffer, channelBinding: Buffer, role: LinkRole): string {
  return createHmac('sha256', derivedKey).update(`exo link ${role} `).update(channelBinding).digest('hex')
}

export function isClusterKeyProven(proof: string, derivedKey: Buffer, channelBinding: Buffer, role: LinkRole): boolean {
  const expected = Buffer.from(proveClusterKey(derivedKey, channelBinding, role), 'hex')
  const given = Buffer.from(proof, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
