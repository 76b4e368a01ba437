import type { DatagramSeal } from './datagram-seal.ts'
import type { DatagramSocket } from './datagram-socket.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'
import { formatHeartbeat, parseHeartbeat } from './heartbeat.ts'

/** Longest payload that surely goes in one packet. */
const MAX_PAYLOAD_BYTES = 1200
/** How long an echo of ours proves that datagrams pass both ways. */
const PROOF_MS = 3000
/**
 * Heartbeats go this far apart where datagrams are lost. With 30 % of them lost each way, all twelve of three seconds are lost
 * once in two million times; with half of them, once in four thousand.
 */
const LOSSY_BEAT_MS = 250
const CALM_BEAT_MS = 1000
/** A channel counts as lossy at first, and for this time after a loss. */
const CALM_AFTER_MS = 15_000
/** So late, the heartbeat of a calm peer is lost. */
const LATE_MS = 1.5 * CALM_BEAT_MS

const HEARTBEAT = 0
const MESSAGE = 1

export interface DatagramChannelOptions {
  readonly seal: DatagramSeal
  readonly socket: DatagramSocket
  readonly peer: PeerAddress
  now(): number
  onHeard(): void
  /** The peer's datagrams come from another address than before, or than its TCP connection. */
  onMoved(): void
  onRoundTrip(durationMs: number): void
  onMessage(text: string): void
}

/**
 * Datagrams beside a link, sealed with its keys. TCP stands still for seconds when a few packets in a row are lost; heartbeats
 * and the few messages that may be lost go this way and are not held up. Nothing depends on it: where UDP is blocked the link
 * does all.
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

  /** How often to `beat` now: seldom while nothing is lost either way. */
  beatEachMs(): number {
    return this.#isLossy() || this.#isPeerLossy ? LOSSY_BEAT_MS : CALM_BEAT_MS
  }

  /** @returns false when datagrams do not pass, or not one of this size */
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
    // A peer behind another address is still the peer: only it has the keys.
    if (opened.isNewest) {
      if (withoutScope(this.#peer.host) !== withoutScope(from.host)) this.#options.onMoved()
      this.#peer = from
    }
    if (opened.missed > 0) this.#lostMs = this.#options.now()
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
