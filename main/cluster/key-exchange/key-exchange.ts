import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { NodeId } from '../../shared/ids.ts'
import type { LinkRole } from './cluster-key.ts'
import { CPace, type CPaceMessage } from './cpace.ts'
import { lengthValue } from './length-value.ts'

export interface KeyExchangeInputs {
  /** The cluster's key, as derived for proofs. */
  readonly derivedKey: Uint8Array
  readonly clusterName: string
  /** The purpose of the exchange: a proof for one purpose is invalid for another. */
  readonly purpose: 'link' | 'join'
  /** The share of this side. */
  readonly role: LinkRole
  readonly selfId: NodeId
  readonly peerId: NodeId
  /** Known only to the two ends of this TLS session. */
  readonly channelBinding: Uint8Array
}

const other = (role: LinkRole): LinkRole => (role === 'dialer' ? 'acceptor' : 'dialer')

/**
 * Two machines determine whether they hold the same key, without learning anything else: a balanced PAKE (CPace), bound
 * to the TLS session and to the keys of both machines. An attacker learns from each exchange only whether one guess was
 * right, and nothing that helps further guessing offline.
 *
 * Shares are exchanged first. Then the dialer proves, and the acceptor proves only to a dialer that has proven.
 */
export class KeyExchange {
  /** In hexadecimal, like the proofs. */
  readonly share: string
  readonly #cpace: CPace
  readonly #inputs: KeyExchangeInputs
  #messages: Readonly<Record<LinkRole, CPaceMessage>> | null = null
  #proofKey: Buffer | null = null

  /** @param scalarBytes - 32 random bytes, used for this exchange only */
  constructor(inputs: KeyExchangeInputs, scalarBytes: Uint8Array) {
    const { derivedKey, clusterName, purpose, role, selfId, peerId, channelBinding } = inputs
    const ids = role === 'dialer' ? [selfId, peerId] : [peerId, selfId]
    const channel = lengthValue(...[`exo cluster key ${purpose}`, clusterName, ...ids].map((text) => Buffer.from(text)))
    this.#inputs = inputs
    this.#cpace = new CPace({ secret: derivedKey, channel, sessionId: channelBinding }, scalarBytes)
    this.share = Buffer.from(this.#cpace.share).toString('hex')
  }

  /** Accepts the other side's share. @returns false if it is invalid or a reflection of our own */
  meet(peerShare: string): boolean {
    const { role, channelBinding } = this.#inputs
    if (peerShare === this.share || this.#proofKey !== null) return false
    const theirs: CPaceMessage = { share: Buffer.from(peerShare, 'hex'), associated: Buffer.from(other(role)) }
    const ours: CPaceMessage = { share: this.#cpace.share, associated: Buffer.from(role) }
    const [dialer, acceptor] = role === 'dialer' ? [ours, theirs] : [theirs, ours]
    const secret = this.#cpace.agree(dialer, acceptor, role === 'dialer')
    if (secret === null) return false
    this.#messages = { dialer, acceptor }
    this.#proofKey = createHash('sha512').update('CPaceMac').update(channelBinding).update(secret).digest()
    return true
  }

  /** The proof of this side for the other. */
  prove(): string {
    return this.#proofOf(this.#inputs.role).toString('hex')
  }

  /** Whether the other side holds the key. */
  isProven(proof: string): boolean {
    const given = Buffer.from(proof, 'hex')
    const expected = this.#proofOf(other(this.#inputs.role))
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  #proofOf(role: LinkRole): Buffer {
    if (this.#proofKey === null || this.#messages === null) throw new Error('No share received yet.')
    const { share, associated } = this.#messages[role]
    return createHmac('sha256', this.#proofKey).update(lengthValue(share, associated)).digest()
  }
}
