import { createHash } from 'node:crypto'

/** The commitment to the dialer's nonce, sent before the acceptor reveals its own nonce. */
export function commitToNonce(nonce: Uint8Array): string {
  return createHash('sha256').update('exo pairing commitment ').update(nonce).digest('hex')
}

/**
 * Six digits that two screens show if both are ends of the same TLS session.
 *
 * The dialer sends `commitToNonce(its nonce)`, the acceptor answers with its nonce, and the dialer reveals its own.
 * Without this order, a machine in the middle could try keys until the digits agree; with it, the chance is one in a
 * million.
 *
 * @param channelBinding - exported from the TLS session
 * @param dialerNonce - 32 random bytes, like `acceptorNonce`
 */
export function shortAuthenticationString(channelBinding: Uint8Array, dialerNonce: Uint8Array, acceptorNonce: Uint8Array): string {
  const hash = createHash('sha256').update('exo pairing digits ')
  for (const part of [channelBinding, dialerNonce, acceptorNonce]) hash.update(createHash('sha256').update(part).digest())
  return String(hash.digest().readBigUInt64BE() % 1_000_000n).padStart(6, '0')
}
