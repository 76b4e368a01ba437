import { Buffer } from 'node:buffer'
import { createHash, createPublicKey, sign } from 'node:crypto'

/** What a signature is for; a signature of something else with the same key does not fit. */
export const SSH_NAMESPACE = 'exo-release'

/** A field of the SSH wire format: its length and its bytes. @param {Uint8Array | string} value */
function field(value) {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** An Ed25519 key in the SSH wire format. @param {import('node:crypto').KeyObject} key - private or public */
function wireKey(key) {
  const { x = '' } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  return Buffer.concat([field('ssh-ed25519'), field(Buffer.from(x, 'base64url'))])
}

/** The key as `authorized_keys` and `allowed_signers` spell it. @param {import('node:crypto').KeyObject} key */
export function sshPublicKey(key) {
  return `ssh-ed25519 ${wireKey(key).toString('base64')}`
}

/**
 * A signature that `ssh-keygen -Y verify` checks. The openssl of macOS cannot check Ed25519.
 * Source: PROTOCOL.sshsig of OpenSSH.
 *
 * @param {Uint8Array | string} data
 * @param {import('node:crypto').KeyObject} privateKey - Ed25519
 */
export function sshSignature(data, privateKey) {
  const hash = createHash('sha512').update(data).digest()
  const head = [field(SSH_NAMESPACE), field(''), field('sha512')]
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...head, field(hash)])
  const signature = Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, privateKey))])
  const version = Buffer.from([0, 0, 0, 1])
  const blob = Buffer.concat([Buffer.from('SSHSIG'), version, field(wireKey(privateKey)), ...head, field(signature)])
  const lines = blob.toString('base64').replace(/.{70}/g, '$&\n').trimEnd()
  return `-----BEGIN SSH SIGNATURE-----\n${lines}\n-----END SSH SIGNATURE-----\n`
}
