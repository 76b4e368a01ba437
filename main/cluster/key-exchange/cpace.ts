import { createHash } from 'node:crypto'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { lengthPrefix, lengthValue } from './length-value.ts'

const { Point } = ristretto255
const SHARE_BYTES = 32
/** Bits above the group's order are cleared: draft-irtf-cfrg-cpace, `sample_scalar`. */
const TOP_BYTE_MASK = 0x0f
const HASH_BLOCK_BYTES = 128
const GROUP_NAME = Buffer.from('CPaceRistretto255')
const SECRET_NAME = Buffer.from('CPaceRistretto255_ISK')

/** The inputs that both sides share. Any difference gives different secrets. */
export interface CPaceInputs {
  /** The shared secret, such as a password. */
  readonly secret: Uint8Array
  /** The identities of both sides and the purpose. */
  readonly channel: Uint8Array
  /** The session id: random, known to both sides. */
  readonly sessionId: Uint8Array
}

/** One side's message: its share and its associated data. */
export interface CPaceMessage {
  readonly share: Uint8Array
  readonly associated: Uint8Array
}

/** The input of the generator hash. The zeros fill the first hash block, so that the time does not depend on the secret's length. */
export function generatorString({ secret, channel, sessionId }: CPaceInputs): Buffer {
  const filled = lengthPrefix(secret.length).length + secret.length + lengthPrefix(GROUP_NAME.length).length + GROUP_NAME.length
  return lengthValue(GROUP_NAME, secret, Buffer.alloc(Math.max(0, HASH_BLOCK_BYTES - filled - 1)), channel, sessionId)
}

/** A group element that only holders of the secret can compute. */
export function calculateGenerator(inputs: CPaceInputs): InstanceType<typeof Point> {
  return ristretto255_hasher.deriveToCurve!(createHash('sha512').update(generatorString(inputs)).digest())
}

/**
 * One side of CPace (draft-irtf-cfrg-cpace, CPACE-RISTR255-SHA512). Its share reveals nothing about the secret,
 * regardless of computing power.
 */
export class CPace {
  readonly share: Uint8Array
  readonly #scalar: bigint
  readonly #sessionId: Uint8Array

  /** @param scalarBytes - 32 random bytes, used for this exchange only */
  constructor(inputs: CPaceInputs, scalarBytes: Uint8Array) {
    this.#scalar = scalarOf(scalarBytes)
    this.#sessionId = inputs.sessionId
    this.share = calculateGenerator(inputs).multiply(this.#scalar).toBytes()
  }

  /** The secret of this exchange; null if the other side's share is not a group element or is the neutral element. */
  agree(initiator: CPaceMessage, responder: CPaceMessage, isInitiator: boolean): Buffer | null {
    const common = multiplyVerified(this.#scalar, (isInitiator ? responder : initiator).share)
    if (common === null) return null
    const transcript = Buffer.concat([
      lengthValue(initiator.share, initiator.associated),
      lengthValue(responder.share, responder.associated),
    ])
    return createHash('sha512')
      .update(lengthValue(SECRET_NAME, this.#sessionId, common))
      .update(transcript)
      .digest()
  }
}

/** The draft's `scalar_mult_vfy`; null represents the neutral element. */
export function multiplyVerified(scalar: bigint, share: Uint8Array): Uint8Array | null {
  if (share.length !== SHARE_BYTES) return null
  try {
    const product = Point.fromBytes(share).multiply(scalar)
    return product.equals(Point.ZERO) ? null : product.toBytes()
  } catch {
    return null // not the encoding of an element
  }
}

export function scalarOf(bytes: Uint8Array): bigint {
  const masked = Buffer.from(bytes)
  masked[SHARE_BYTES - 1]! &= TOP_BYTE_MASK
  return BigInt(`0x${masked.reverse().toString('hex')}`)
}
