import { createHash } from 'node:crypto'

/** The commitment to the dialer's nonce, sent before the acceptor reveals its own nonce. */
export function commitToNonce(nonce: Uint8Array): string {
  return createHash('sha256').update('exo pairing commitment ').update(nonce).digest('hex')
}

/**
 * Six digits that two screens show when both are ends of one TLS session.
 *
 * The dialer sends `commitToNonce(its nonce)`, the acceptor answers with its nonce, the dialer shows its own. Without that
 * order someone between them could try keys until the digits agree; with it he has one chance in a million.
 *
 * @param channelBinding - exported from the TLS session
 * @param dialerNonce - 32 random bytes, as is `acceptorNonce`
 */
export function shortAuthenticationString(channelBinding: Uint8Array, dialerNonce: Uint8Array, acceptorNonce: Uint8Array): string {
  const hash = createHash('sha256').update('exo pairing digits ')
  for (const part of [channelBinding, dialerNonce, acceptorNonce]) hash.update(createHash('sha256').update(part).digest())
  return String(hash.digest().readBigUInt64BE() % 1_000_000n).padStart(6, '0')
}
