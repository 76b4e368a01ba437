import { commitToNonce, shortAuthenticationString } from '../link/greeting/short-authentication-string.ts'
import type { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { PairingChannel } from './pairing-channel.ts'
import { pairingError } from './pairing-error.ts'
import { PAIRING_PROTOCOL, type PairingFrameOf } from './pairing-frame.ts'

export interface DigitsExchange {
  readonly channel: PairingChannel
  /** Known only to the two ends of this TLS session. */
  readonly channelBinding: Buffer
  /** 32 random bytes, used once. */
  readonly nonce: Buffer
  readonly nodeName: string
  /** Both sides can now show the digits. */
  onDigits(digits: string, peerName: string): void
  /** Resolves when the person at this machine has confirmed that the digits match. */
  readonly confirmed: Promise<void>
}

/** `record`: present for a cluster that admits only its members. */
export interface GivenKey {
  readonly clusterKey: string
  readonly record: SharedRecord | null
}

/** The half of the machine that dialled and asks for the key. @returns the cluster's key, after both people have confirmed */
export async function askForKey(
  { channel, channelBinding, nonce, nodeName, onDigits, confirmed }: DigitsExchange,
  clusterName: string,
  signal: AbortSignal,
): Promise<GivenKey> {
  channel.send({ type: 'request', protocol: PAIRING_PROTOCOL, clusterName, nodeName, commitment: commitToNonce(nonce) })
  const answer = await channel.receive('nonce', signal)
  channel.send({ type: 'reveal', nonce: nonce.toString('hex') })
  onDigits(shortAuthenticationString(channelBinding, nonce, Buffer.from(answer.nonce, 'hex')), answer.nodeName)
  const key = channel.receive('key', signal)
  // A refusal ends the wait for the person; a key that arrives before the confirmation does not.
  await Promise.race([confirmed, key.then(() => confirmed)])
  channel.send({ type: 'confirm' })
  const { clusterKey, record } = await key
  return { clusterKey, record }
}

/** The half of the machine that has the key. Resolves when the key has been sent, which happens only after both people have confirmed. */
export async function giveKey(
  { channel, channelBinding, nonce, nodeName, onDigits, confirmed }: DigitsExchange,
  request: PairingFrameOf<'request'>,
  given: GivenKey,
  signal: AbortSignal,
): Promise<void> {
  channel.send({ type: 'nonce', nodeName, nonce: nonce.toString('hex') })
  const dialerNonce = Buffer.from((await channel.receive('reveal', signal)).nonce, 'hex')
  if (commitToNonce(dialerNonce) !== request.commitment) throw pairingError('broken')
  onDigits(shortAuthenticationString(channelBinding, dialerNonce, nonce), request.nodeName)
  const theirs = channel.receive('confirm', signal)
  await Promise.race([confirmed, theirs.then(() => confirmed)])
  await theirs
  channel.send({ type: 'key', ...given })
}
