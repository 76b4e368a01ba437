/**
 * The heartbeat datagram between two nodes, each with its own clock. From the echo of its own time, and the time for
 * which the peer held it, the sender computes the round trip without another packet.
 */
export interface Heartbeat {
  /** The sender's clock. */
  readonly sentMs: number
  /** `sentMs` of the last heartbeat received from the other side; null before the first. */
  readonly echoMs: number | null
  /** How long ago that heartbeat was received. */
  readonly heldMs: number
  /** The sender receives only part of the datagrams, and asks for more frequent ones. */
  readonly isLossy: boolean
}

const HEARTBEAT_BYTES = 25

export function formatHeartbeat({ sentMs, echoMs, heldMs, isLossy }: Heartbeat): Buffer {
  const bytes = Buffer.alloc(HEARTBEAT_BYTES)
  bytes.writeDoubleBE(sentMs, 0)
  bytes.writeDoubleBE(echoMs ?? Number.NaN, 8)
  bytes.writeDoubleBE(heldMs, 16)
  bytes.writeUInt8(isLossy ? 1 : 0, 24)
  return bytes
}

/** A heartbeat sent for a node whose own loop is blocked. Its send time ensures that no echo of it counts as a round trip. */
export function formatStandbyBeat(): Buffer {
  return formatHeartbeat({ sentMs: Number.MAX_VALUE, echoMs: null, heldMs: 0, isLossy: true })
}

export function parseHeartbeat(bytes: Buffer): Heartbeat | null {
  if (bytes.length !== HEARTBEAT_BYTES) return null
  const [sentMs, echoMs, heldMs] = [bytes.readDoubleBE(0), bytes.readDoubleBE(8), bytes.readDoubleBE(16)]
  if (!Number.isFinite(sentMs) || !(heldMs >= 0)) return null
  return { sentMs, echoMs: Number.isNaN(echoMs) ? null : echoMs, heldMs, isLossy: bytes[24] === 1 }
}
