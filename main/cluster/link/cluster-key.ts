import { createHmac, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const deriveBytes = promisify<string, string, number, Buffer>(scrypt)

/** Who opened the connection. Each side proves as itself, so that a proof sent back proves nothing. */
export type LinkRole = 'dialer' | 'acceptor'

/** The key as proofs use it. Slow (50 ms) on purpose: whoever gets a proof must pay this for each key that he guesses. */
export function deriveClusterKey(clusterKey: string, clusterName: string): Promise<Buffer> {
  return deriveBytes(clusterKey.normalize('NFC'), `exo cluster ${clusterName}`, 32)
}

/**
 * Proof, in hexadecimal, that the side with `role` holds the key.
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
