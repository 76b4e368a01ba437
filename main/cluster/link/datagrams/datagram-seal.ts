import { createCipheriv, createDecipheriv } from 'node:crypto'

/** Bytes of key material for a seal, exported from the link's TLS session. */
export const SEAL_SECRET_BYTES = 8 + 32 + 32
const TAG_BYTES = 8
const COUNTER_BYTES = 8
const AUTHENTICATION_BYTES = 16
const HEAD_BYTES = TAG_BYTES + COUNTER_BYTES
/** How many datagrams one may overtake. */
const REPLAY_WINDOW = 64n

/** The key for sealing one direction of a link. Threads may share the counter, which is unique per datagram. */
export interface SealKey {
  readonly tag: Uint8Array
  readonly sendKey: Uint8Array
  readonly counter: BigInt64Array<SharedArrayBuffer>
}

export function sealPayload({ tag, sendKey, counter: sent }: SealKey, payload: Uint8Array): Buffer {
  const counter = Buffer.alloc(COUNTER_BYTES)
  counter.writeBigInt64BE(Atomics.add(sent, 0, 1n) + 1n)
  const cipher = createCipheriv('aes-256-gcm', sendKey, nonceOf(counter)).setAAD(tag)
  return Buffer.concat([tag, counter, cipher.update(payload), cipher.final(), cipher.getAuthTag()])
}

/** The link that a datagram belongs to, without opening it; null if it is too short. */
export function linkTagOf(datagram: Uint8Array): string | null {
  return datagram.length < HEAD_BYTES + AUTHENTICATION_BYTES ? null : Buffer.from(datagram.subarray(0, TAG_BYTES)).toString('hex')
}

/**
 * Seals and opens the datagrams of one link with keys of its TLS session (AES-256-GCM, one key each way, counted nonces).
 * Layout: link tag (8 bytes), counter (8 bytes), sealed payload, authentication (16 bytes).
 */
export class DatagramSeal {
  readonly linkTag: string
  readonly key: SealKey
  readonly #tag: Buffer
  readonly #receiveKey: Buffer
  #newestCounter = 0n
  /** Bit i: counter `newest - i` has been received. */
  #seen = 0n

  constructor(secret: Buffer, isDialer: boolean) {
    const keys = [secret.subarray(8, 40), secret.subarray(40, 72)] as const
    this.#tag = secret.subarray(0, TAG_BYTES)
    this.linkTag = this.#tag.toString('hex')
    this.key = {
      tag: new Uint8Array(this.#tag),
      sendKey: new Uint8Array(keys[isDialer ? 0 : 1]),
      counter: new BigInt64Array(new SharedArrayBuffer(COUNTER_BYTES)),
    }
    this.#receiveKey = keys[isDialer ? 1 : 0]
  }

  seal(payload: Uint8Array): Buffer {
    return sealPayload(this.key, payload)
  }

  /**
   * null if the datagram is forged, damaged, or a repetition. `missed`: for the newest datagram, how many before it
   * have not arrived (yet).
   */
  open(datagram: Buffer): { readonly payload: Buffer; readonly isNewest: boolean; readonly missed: number } | null {
    const counterBytes = datagram.subarray(TAG_BYTES, HEAD_BYTES)
    const counter = counterBytes.readBigUInt64BE()
    const isNewest = counter > this.#newestCounter
    if (!isNewest && (this.#newestCounter - counter >= REPLAY_WINDOW || ((this.#seen >> (this.#newestCounter - counter)) & 1n) === 1n))
      return null
    const decipher = createDecipheriv('aes-256-gcm', this.#receiveKey, nonceOf(counterBytes)).setAAD(this.#tag)
    decipher.setAuthTag(datagram.subarray(-AUTHENTICATION_BYTES))
    try {
      const payload = Buffer.concat([decipher.update(datagram.subarray(HEAD_BYTES, -AUTHENTICATION_BYTES)), decipher.final()])
      const missed = isNewest ? Number(counter - this.#newestCounter - 1n) : 0
      this.#note(counter)
      return { payload, isNewest, missed }
    } catch {
      return null
    }
  }

  #note(counter: bigint): void {
    if (counter > this.#newestCounter) {
      const shift = counter - this.#newestCounter
      this.#seen = shift >= REPLAY_WINDOW ? 1n : BigInt.asUintN(64, (this.#seen << shift) | 1n)
      this.#newestCounter = counter
    } else this.#seen |= 1n << (this.#newestCounter - counter)
  }
}

function nonceOf(counter: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(4), counter])
}
