import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import { DatagramChannel } from './datagrams/datagram-channel.ts'
import { LossRatio } from './datagrams/loss-ratio.ts'
import { DatagramSeal } from './datagrams/datagram-seal.ts'
import type { DatagramSocket } from './datagrams/datagram-socket.ts'
import { bareAddress } from '../../shared/addresses/bare-address.ts'
import type { PeerAddress } from './dialing/dial-targets.ts'
import type { FrameReader } from './streams/frame-reader.ts'
import { LinkLiveness, PING_MS, SLOW_PING_MS } from './link-liveness.ts'
import { LinkStreams, type StreamHandler } from './streams/link-streams.ts'
import { RoundTrip } from './round-trip.ts'
import { TurnGate } from './turn-gate.ts'

/** Maximum bytes queued for a peer that does not read; beyond it the link is closed. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024

const MOST_REASON_BYTES = 120

/** Why a link ended. `message` is for the user. */
export interface LinkEnd {
  readonly code: 'closed' | 'silent' | 'narrow' | 'invalid' | 'slow' | 'replaced' | 'stopped' | 'moved' | 'put-out'
  readonly message: string
}

/** These ends say that nothing reaches the peer, so it gets no closing handshake. Otherwise it learns the reason. */
const WITHOUT_FAREWELL: ReadonlySet<LinkEnd['code']> = new Set(['silent', 'narrow', 'slow', 'moved'])

export interface PeerLinkOptions {
  readonly nodeId: NodeId
  readonly isDialer: boolean
  readonly webSocket: WebSocket
  readonly socket: TLSSocket
  readonly frames: FrameReader
  readonly datagrams: DatagramSocket
  /** The address for datagrams until one of the peer's own arrives. */
  readonly peerAddress: PeerAddress
  readonly sealSecret: Buffer
  readonly clock: Clock
  readonly log: Pick<Log, 'debug' | 'warn'>
  handlerOf(kind: string): StreamHandler | undefined
  /** @returns the problem with the message, or null. Messages that came by datagram may be out of order. */
  onMessage(text: string): string | null
  /** Called once. */
  onEnd(end: LinkEnd): void
}

/** An established link: both ends have proven their identity and belong to the same cluster. */
export class PeerLink {
  readonly streams: LinkStreams
  readonly #options: PeerLinkOptions
  readonly #liveness: LinkLiveness
  readonly #roundTrip = new RoundTrip()
  readonly #turns = new TurnGate()
  readonly #channel: DatagramChannel
  readonly #loss = new LossRatio()
  #beatMs = Number.NEGATIVE_INFINITY
  #pingedMs = Number.NEGATIVE_INFINITY
  #isOver = false
  /** Listeners that wait for a pong; aborted when the link ends. */
  readonly #answerListeners = new Map<AbortController, (pingedMs: number) => void>()

  constructor(options: PeerLinkOptions) {
    const { webSocket, clock, nodeId, isDialer, log } = options
    this.#options = options
    this.#liveness = new LinkLiveness(clock.now())
    this.streams = new LinkStreams({
      nodeId,
      isDialer,
      log,
      handlerOf: options.handlerOf,
      sendNow: (bytes) => void this.#sendFrame(bytes),
      sendInTurn: (bytes, signal) => this.#turns.pass(bytes.length, signal, (onTaken) => void this.#sendFrame(bytes, onTaken)),
    })
    this.#channel = new DatagramChannel({
      seal: new DatagramSeal(options.sealSecret, isDialer),
      socket: options.datagrams,
      peer: options.peerAddress,
      now: () => clock.now(),
      onHeard: () => {
        this.#loss.received()
        this.#liveness.hear(clock.now())
      },
      onMoved: () => this.#liveness.move(clock.now()),
      onMissed: (count) => {
        this.#loss.missed(count)
        this.#liveness.missDatagram()
      },
      onRoundTrip: (durationMs) => {
        this.#roundTrip.add(durationMs)
        this.#liveness.answerHeartbeat(clock.now())
      },
      onMessage: (text) => this.#judge(() => options.onMessage(text)),
    })
    webSocket.on('error', (error) => this.end({ code: isProtocolError(error) ? 'invalid' : 'closed', message: error.message }))
    webSocket.on('close', (code, reason) =>
      this.end({ code: 'closed', message: reason.toString() || `the peer closed the link (${code})` }),
    )
    webSocket.on('pong', (payload) => this.#receivePong(payload))
  }

  /** Starts receiving, including data that arrived while the link was being established. */
  start(): void {
    this.#options.frames.forward((bytes, isBinary) => {
      if (this.#isOver) return
      this.#judge(() => (isBinary ? this.streams.receive(bytes) : this.#options.onMessage(bytes.toString('utf8'))))
    })
  }

  roundTripMs(): number | null {
    return this.#roundTrip.medianMs()
  }

  get lossRatio(): number {
    return this.#loss.value
  }

  get isInDoubt(): boolean {
    return this.#liveness.isTcpInDoubt
  }

  /** The other end has not been heard for a moment: its other addresses may lead to it. */
  get isQuiet(): boolean {
    return this.#liveness.isQuiet
  }

  bytes(): { sentBytes: number; receivedBytes: number } {
    const { bytesWritten, bytesRead } = this.#options.socket
    return { sentBytes: bytesWritten, receivedBytes: bytesRead }
  }

  /** @returns false if the link has ended, or ends now because the peer does not read */
  send(text: string): boolean {
    return this.#sendFrame(text)
  }

  /** Sends by datagram if those pass: the message may be lost or overtake others, but never waits behind a lost packet. */
  sendLossy(text: string): boolean {
    return !this.#isOver && (this.#channel.send(text) || this.send(text))
  }

  /** Whether the other end answers now, over TCP. */
  async answers(clock: Pick<Clock, 'now' | 'sleep'>, limitMs: number): Promise<boolean> {
    const { webSocket } = this.#options
    if (this.#isOver || webSocket.readyState !== WebSocket.OPEN) return false
    const askedMs = clock.now()
    const settled = new AbortController()
    const answered = new Promise<boolean>((resolve) => {
      this.#answerListeners.set(settled, (pingedMs) => pingedMs >= askedMs && resolve(true))
      settled.signal.addEventListener('abort', () => resolve(false), { once: true })
      void clock.sleep(limitMs, settled.signal).then(
        () => resolve(false),
        () => undefined,
      )
    })
    this.#ping(askedMs)
    return answered.finally(() => {
      this.#answerListeners.delete(settled)
      settled.abort()
    })
  }

  /** Ends the link if the machine no longer has this end's address. */
  stayOn(addresses: ReadonlySet<string>): void {
    const own = bareAddress(this.#options.socket.localAddress ?? '')
    if (own !== '' && !addresses.has(own)) this.end({ code: 'moved', message: 'this node has another address now' })
  }

  tick(): void {
    const { webSocket, socket, clock } = this.#options
    const nowMs = clock.now()
    const fault = this.#liveness.look(nowMs, socket.bytesRead)
    if (fault !== null) return this.end({ code: 'silent', message: fault })
    if (nowMs - this.#beatMs >= this.#channel.beatEachMs()) {
      this.#beatMs = nowMs
      this.#channel.beat()
    }
    const pingMs = this.#channel.isOpen() && !this.#liveness.isTcpInDoubt ? SLOW_PING_MS : PING_MS
    if (nowMs - this.#pingedMs < pingMs || webSocket.readyState !== WebSocket.OPEN) return
    this.#pingedMs = nowMs
    this.#ping(nowMs)
  }

  #ping(nowMs: number): void {
    const payload = Buffer.alloc(8)
    payload.writeDoubleBE(nowMs)
    this.#options.webSocket.ping(payload)
  }

  /** Resolves when the connection is closed, after `end`. */
  async whenClosed(): Promise<void> {
    const { webSocket } = this.#options
    if (webSocket.readyState !== WebSocket.CLOSED) await once(webSocket, 'close')
  }

  end(end: LinkEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    const { webSocket, nodeId } = this.#options
    this.#channel.close()
    for (const waiting of [...this.#answerListeners.keys()]) waiting.abort()
    this.streams.close(new AppError('link-lost', `The link to node ${nodeId} is lost: ${end.message}`, { nodeId, code: end.code }))
    if (WITHOUT_FAREWELL.has(end.code)) webSocket.terminate()
    else webSocket.close(end.code === 'invalid' ? 1008 : 1000, closeReason(end.message))
    this.#options.onEnd(end)
  }

  #sendFrame(data: string | Uint8Array, onTaken?: () => void): boolean {
    const { webSocket } = this.#options
    if (this.#isOver) return false
    if (webSocket.bufferedAmount + data.length > MAX_QUEUED_BYTES) {
      this.end({ code: 'slow', message: `${webSocket.bufferedAmount} bytes are waiting for it` })
      return false
    }
    webSocket.send(data, () => onTaken?.())
    return true
  }

  /** An error in handling a message ends at most this link: a fault of a peer must not end the process. */
  #judge(receive: () => string | null): void {
    let fault: string | null
    try {
      fault = receive()
    } catch (error) {
      this.#options.log.warn('a message from a peer could not be handled', { nodeId: this.#options.nodeId, error })
      fault = `a message that this node could not handle: ${errorMessage(error)}`
    }
    if (fault !== null) this.end({ code: 'invalid', message: `the peer sent ${fault}` })
  }

  #receivePong(payload: Buffer): void {
    if (payload.length !== 8) return
    const pingedMs = payload.readDoubleBE()
    this.#liveness.answer(pingedMs)
    for (const listener of [...this.#answerListeners.values()]) listener(pingedMs)
    const durationMs = this.#options.clock.now() - pingedMs
    // Alongside heartbeats, only their round trips count: a pong may have waited behind a file.
    if (!this.#channel.isOpen() && durationMs >= 0 && durationMs < 60_000) this.#roundTrip.add(durationMs)
  }
}

/** Text for a closing frame, which holds at most 123 bytes of UTF-8. */
function closeReason(text: string): string {
  return Buffer.from(text)
    .subarray(0, MOST_REASON_BYTES)
    .toString('utf8')
    .replace(/\ufffd*$/, '')
}

function isProtocolError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('WS_ERR')
}
