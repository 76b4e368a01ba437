import { createCipheriv, createDecipheriv } from 'node:crypto'

/** Bytes of key material that a seal takes, exported from the link's TLS session. */
export const SEAL_SECRET_BYTES = 8 + 32 + 32
const TAG_BYTES = 8
const COUNTER_BYTES = 8
const AUTHENTICATION_BYTES = 16
const HEAD_BYTES = TAG_BYTES + COUNTER_BYTES
/** How far datagrams may overtake each other. */
const REPLAY_WINDOW = 64n

/** The link that a datagram belongs to, without opening it; null when it is too short to be one. */
export function linkTagOf(datagram: Buffer): string | null {
  return datagram.length < HEAD_BYTES + AUTHENTICATION_BYTES ? null : datagram.toString('hex', 0, TAG_BYTES)
}

/**
 * Seals and opens the datagrams of one link with keys of its TLS session (AES-256-GCM, one key each way, counted nonces).
 * Layout: link tag (8 bytes), counter (8 bytes), sealed payload, authentication (16 bytes).
 */
export class DatagramSeal {
  readonly linkTag: string
  readonly #tag: Buffer
  readonly #sendKey: Buffer
  readonly #receiveKey: Buffer
  #sentCounter = 0n
  #newestCounter = 0n
  /** Bit i: counter `newest - i` has come. */
  #seen = 0n

  constructor(secret: Buffer, isDialer: boolean) {
    const keys = [secret.subarray(8, 40), secret.subarray(40, 72)] as const
    this.#tag = secret.subarray(0, TAG_BYTES)
    this.linkTag = this.#tag.toString('hex')
    this.#sendKey = keys[isDialer ? 0 : 1]
    this.#receiveKey = keys[isDialer ? 1 : 0]
  }

  seal(payload: Uint8Array): Buffer {
    this.#sentCounter += 1n
    const counter = Buffer.alloc(COUNTER_BYTES)
    counter.writeBigUInt64BE(this.#sentCounter)
    const cipher = createCipheriv('aes-256-gcm', this.#sendKey, nonceOf(counter)).setAAD(this.#tag)
    return Buffer.concat([this.#tag, counter, cipher.update(payload), cipher.final(), cipher.getAuthTag()])
  }

  /** null when the datagram is forged, damaged, or came before. `missed`: how many before it have not come (yet), where it is the newest. */
  open(datagram: Buffer): { readonly payload: Buffer; readonly isNewest: boolean; readonly missed: number } | null {
    const counterBytes = datagram.subarray(TAG_BYTES, HEAD_BYTES)
    const counter = counterBytes.readBigUInt64BE()
    const isNewest = counter > this.#newestCounter
    if (!isNewest && (this.#newestCounter - counter >= REPLAY_WINDOW || ((this.#seen >> (this.#newestCounter - counter)) & 1n) === 1n)) return null
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
