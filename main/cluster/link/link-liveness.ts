/** How often a link is checked. */
export const TICK_MS = 100
/** Ping interval over TCP: short while nothing else is received from the peer, long alongside heartbeats. */
export const PING_MS = 500
export const SLOW_PING_MS = 2500
/** A peer without heartbeats or TCP data for this long is lost. */
const SILENCE_MS = 3000
/** After this part of the allowed silence, the peer's other addresses are tried. If a calm peer's beat was lost, the next comes before. */
const QUIET_PART = 0.6
/** Pings over TCP are answered by the peer's JavaScript, which may be busy for ten seconds; heartbeats have a separate thread. */
const TCP_ONLY_SILENCE_MS = 12_000
/** TCP that stalls for this long (a slow ping and its answer) is pinged quickly: packets behind a lost one trigger its retransmission. */
const TCP_DOUBT_MS = 3000
/**
 * TCP that stalls for this long while datagrams are answered and none is lost is broken: the path loses large packets. A slow ping
 * and the longest gap between answers are shorter together.
 */
const CALM_TCP_SILENCE_MS = 5000
/** Answers to heartbeats that are further apart do not prove that nothing was lost. */
const ANSWER_GAP_MS = 2000
/** TCP may stall for many seconds on a bad network while heartbeats pass; beyond this it is broken. */
const TCP_SILENCE_MS = 30_000
/** How long the TCP connection of a peer with a new address may leave pings unanswered: twice the time that packet loss alone can cause. */
const DOUBT_MS = 6000
/** A check that is this late means that this process was suspended, and not the peer. */
const STALL_MS = 1000

/** Decides from the received data whether the other end of a link is there. Times are ms of a monotonic clock. */
export class LinkLiveness {
  #heardMs: number
  #tcpHeardMs: number
  #hasHeartbeats = false
  #lookedMs: number
  #tcpBytes = 0
  #doubtedMs: number | null = null
  #heartbeatAnsweredMs = Number.NEGATIVE_INFINITY
  /** Since then, heartbeats have been answered and no datagram was lost. */
  #calmSinceMs = Number.POSITIVE_INFINITY

  constructor(nowMs: number) {
    this.#heardMs = nowMs
    this.#tcpHeardMs = nowMs
    this.#lookedMs = nowMs
  }

  /** A datagram arrived. */
  hear(nowMs: number): void {
    this.#heardMs = nowMs
    this.#hasHeartbeats = true
  }

  /** The peer's own loop has answered a heartbeat: datagrams pass both ways, and it is not too busy to answer over TCP. */
  answerHeartbeat(nowMs: number): void {
    if (nowMs - this.#heartbeatAnsweredMs > ANSWER_GAP_MS) this.#calmSinceMs = nowMs
    this.#heartbeatAnsweredMs = nowMs
  }

  /** A datagram of the peer was lost. */
  missDatagram(): void {
    this.#heartbeatAnsweredMs = Number.NEGATIVE_INFINITY
  }

  /**
   * The peer's datagrams now come from another address, while its TCP connection may still be at the old one. Data sent
   * from the old address can keep arriving for a while, so only an answer proves that the connection works.
   */
  move(nowMs: number): void {
    this.#doubtedMs = nowMs
  }

  /** The peer has answered a TCP ping sent at that time. */
  answer(pingedMs: number): void {
    if (this.#doubtedMs !== null && pingedMs >= this.#doubtedMs) this.#doubtedMs = null
  }

  /** Whether TCP must be pinged often. */
  get isTcpInDoubt(): boolean {
    return this.#doubtedMs !== null || this.#lookedMs - this.#tcpHeardMs > TCP_DOUBT_MS
  }

  /** Whether the peer has been silent for so long that its other addresses are worth a try. */
  get isQuiet(): boolean {
    return this.#lookedMs - this.#heardMs > QUIET_PART * this.#silenceMs
  }

  get #silenceMs(): number {
    return this.#hasHeartbeats ? SILENCE_MS : TCP_ONLY_SILENCE_MS
  }

  /**
   * @param tcpBytes - total bytes received
   * @returns why the peer is lost, or null
   */
  look(nowMs: number, tcpBytes: number): string | null {
    const hasStalled = nowMs - this.#lookedMs > STALL_MS
    if (hasStalled || tcpBytes !== this.#tcpBytes) this.#heardMs = this.#tcpHeardMs = nowMs
    if (hasStalled && this.#doubtedMs !== null) this.#doubtedMs = nowMs
    this.#lookedMs = nowMs
    this.#tcpBytes = tcpBytes
    if (nowMs - this.#heardMs > this.#silenceMs) return `no message for ${Math.round(nowMs - this.#heardMs)} ms`
    const isCalm = this.#calmSinceMs <= this.#tcpHeardMs && nowMs - this.#heartbeatAnsweredMs <= ANSWER_GAP_MS
    if (nowMs - this.#tcpHeardMs > (isCalm ? CALM_TCP_SILENCE_MS : TCP_SILENCE_MS))
      return `its TCP connection stalled for ${Math.round(nowMs - this.#tcpHeardMs)} ms`
    if (this.#doubtedMs !== null && nowMs - this.#doubtedMs > DOUBT_MS) return 'it has another address now'
    return null
  }
}
