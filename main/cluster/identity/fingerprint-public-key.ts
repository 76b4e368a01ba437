import { createHash, type KeyObject } from 'node:crypto'
import { NodeId } from '../../shared/ids.ts'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const FINGERPRINT_BYTES = 20

/** The node id of a public key: the first 160 bits of the SHA-256 of its SPKI, as 32 characters of lower-case base32. */
export function fingerprintPublicKey(publicKey: KeyObject): NodeId {
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, FINGERPRINT_BYTES)
  let bits = BigInt(`0x${digest.toString('hex')}`)
  let text = ''
  for (let index = 0; index < (FINGERPRINT_BYTES * 8) / 5; index += 1) {
    text = BASE32.charAt(Number(bits & 31n)) + text
    bits >>= 5n
  }
  return NodeId.parse(text)
}
