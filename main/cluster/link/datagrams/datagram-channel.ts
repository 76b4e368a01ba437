import type { DatagramSeal } from './datagram-seal.ts'
import type { DatagramSocket } from './datagram-socket.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'
import { formatHeartbeat, parseHeartbeat } from './heartbeat.ts'

/** Longest payload that certainly fits in one packet. */
const MAX_PAYLOAD_BYTES = 1200
/** How long an echo of this node's heartbeat proves that datagrams pass both ways. */
const PROOF_MS = 3000
/**
 * Interval of heartbeats when datagrams are lost. At a loss of 30 % each way, all twelve within three seconds are lost
 * once in two million times; at 50 %, once in four thousand.
 */
const LOSSY_BEAT_MS = 250
const CALM_BEAT_MS = 1000
/** A channel counts as lossy at the start, and for this time after a loss. */
const CALM_AFTER_MS = 15_000
/** A heartbeat of a calm peer that is this late counts as lost. */
const LATE_MS = 1.5 * CALM_BEAT_MS

const HEARTBEAT = 0
const MESSAGE = 1

export interface DatagramChannelOptions {
  readonly seal: DatagramSeal
  readonly socket: DatagramSocket
  readonly peer: PeerAddress
  now(): number
  onHeard(): void
  /** Called when the peer's datagrams come from a new address, or from another one than its TCP connection. */
  onMoved(): void
  /** This many datagrams of the peer did not arrive, or not in order. */
  onMissed(count: number): void
  onRoundTrip(durationMs: number): void
  onMessage(text: string): void
}

/**
 * Datagrams alongside a link, sealed with its keys. TCP stalls for seconds when a few packets in a row are lost.
 * Heartbeats and the few messages that may be lost use datagrams, which are not delayed. Nothing depends on them: if
 * UDP is blocked, the link carries everything.
 */
export class DatagramChannel {
  readonly #options: DatagramChannelOptions
  #peer: PeerAddress
  #echo: { sentMs: number; receivedMs: number } | null = null
  #provenMs = Number.NEGATIVE_INFINITY
  #lostMs: number
  #heardMs: number
  #isPeerLossy = true

  constructor(options: DatagramChannelOptions) {
    this.#options = options
    this.#peer = options.peer
    this.#lostMs = this.#heardMs = options.now()
    options.socket.listen(options.seal.linkTag, (datagram, from) => this.#receive(datagram, from), options.seal.key)
  }

  beat(): void {
    const nowMs = this.#options.now()
    const heldMs = this.#echo ? nowMs - this.#echo.receivedMs : 0
    this.#send(HEARTBEAT, formatHeartbeat({ sentMs: nowMs, echoMs: this.#echo?.sentMs ?? null, heldMs, isLossy: this.#isLossy() }))
  }

  /** The current interval for `beat`: long while nothing is lost in either direction. */
  beatEachMs(): number {
    return this.#isLossy() || this.#isPeerLossy ? LOSSY_BEAT_MS : CALM_BEAT_MS
  }

  /** @returns false if datagrams do not pass, or not of this size */
  send(text: string): boolean {
    if (!this.isOpen() || Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) return false
    this.#send(MESSAGE, Buffer.from(text))
    return true
  }

  isOpen(): boolean {
    return this.#options.now() - this.#provenMs < PROOF_MS
  }

  close(): void {
    this.#options.socket.forget(this.#options.seal.linkTag)
  }

  #isLossy(): boolean {
    const nowMs = this.#options.now()
    if (nowMs - this.#heardMs > LATE_MS) this.#lostMs = nowMs
    return nowMs - this.#lostMs < CALM_AFTER_MS
  }

  #send(type: number, payload: Buffer): void {
    this.#options.socket.send(this.#options.seal.seal(Buffer.concat([Buffer.from([type]), payload])), this.#peer)
  }

  #receive(datagram: Buffer, from: PeerAddress): void {
    const opened = this.#options.seal.open(datagram)
    if (!opened) return
    // Only the peer has the keys, so a datagram from another address is still from the peer.
    if (opened.isNewest) {
      if (withoutScope(this.#peer.host) !== withoutScope(from.host)) this.#options.onMoved()
      this.#peer = from
    }
    if (opened.missed > 0) {
      this.#lostMs = this.#options.now()
      this.#options.onMissed(opened.missed)
    }
    this.#heardMs = this.#options.now()
    this.#options.onHeard()
    const payload = opened.payload.subarray(1)
    if (opened.payload[0] === MESSAGE) return this.#options.onMessage(payload.toString('utf8'))
    const heartbeat = opened.payload[0] === HEARTBEAT && opened.isNewest ? parseHeartbeat(payload) : null
    if (!heartbeat) return
    this.#isPeerLossy = heartbeat.isLossy
    const nowMs = this.#options.now()
    this.#echo = { sentMs: heartbeat.sentMs, receivedMs: nowMs }
    if (heartbeat.echoMs === null) return
    const roundTripMs = nowMs - heartbeat.echoMs - heartbeat.heldMs
    if (roundTripMs < 0 || roundTripMs > 60_000) return
    this.#provenMs = nowMs
    this.#options.onRoundTrip(roundTripMs)
  }
}

/** An acceptor does not learn the scope of a link-local peer from TCP. */
function withoutScope(host: string): string {
  return host.replace(/%.*$/, '')
}
