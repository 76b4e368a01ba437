import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { FrameReader } from './frame-reader.ts'
import { LinkLiveness, PING_MS, SILENCE_MS } from './link-liveness.ts'
import { LinkStreams, type StreamHandler } from './link-streams.ts'
import { RoundTrip } from './round-trip.ts'
import { TurnGate } from './turn-gate.ts'

/** What may wait for a peer that does not read; beyond it the link is dropped. */
export const MAX_QUEUED_BYTES = 16 * 1024 * 1024

/** Why a link is over. `message` is for people. */
export interface LinkEnd {
  readonly code: 'closed' | 'silent' | 'rubbish' | 'slow' | 'replaced' | 'stopped'
  readonly message: string
}

export interface PeerLinkOptions {
  readonly nodeId: NodeId
  readonly isDialer: boolean
  readonly webSocket: WebSocket
  readonly socket: TLSSocket
  readonly frames: FrameReader
  readonly clock: Clock
  readonly log: Pick<Log, 'debug' | 'warn'>
  handlerOf(kind: string): StreamHandler | undefined
  /** @returns what is wrong with the message, or null */
  onMessage(text: string): string | null
  /** Called once. */
  onEnd(end: LinkEnd): void
}

/** An established link: both ends have proven who they are and that they belong together. */
export class PeerLink {
  readonly streams: LinkStreams
  readonly #options: PeerLinkOptions
  readonly #liveness: LinkLiveness
  readonly #roundTrip = new RoundTrip()
  readonly #turns = new TurnGate()
  #pingedMs = Number.NEGATIVE_INFINITY
  #isOver = false

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
    webSocket.on('error', (error) => this.end({ code: isProtocolError(error) ? 'rubbish' : 'closed', message: error.message }))
    webSocket.on('close', (code, reason) => this.end({ code: 'closed', message: reason.toString() || `the peer closed the link (${code})` }))
    webSocket.on('pong', (payload) => this.#receivePong(payload))
  }

  /** Begins to receive: also what came while the link was being established. */
  start(): void {
    this.#options.frames.forward((bytes, isBinary) => {
      if (this.#isOver) return
      const fault = isBinary ? this.streams.receive(bytes) : this.#options.onMessage(bytes.toString('utf8'))
      if (fault !== null) this.end({ code: 'rubbish', message: `the peer sent ${fault}` })
    })
  }

  roundTripMs(): number | null {
    return this.#roundTrip.medianMs()
  }

  /** @returns false when the link is over, or is now because the peer does not read */
  send(text: string): boolean {
    return this.#sendFrame(text)
  }

  tick(): void {
    const { webSocket, socket, clock } = this.#options
    const nowMs = clock.now()
    const silentMs = this.#liveness.look(nowMs, socket.bytesRead)
    if (silentMs > SILENCE_MS) return this.end({ code: 'silent', message: `nothing came for ${Math.round(silentMs)} ms` })
    if (nowMs - this.#pingedMs < PING_MS || webSocket.readyState !== WebSocket.OPEN) return
    this.#pingedMs = nowMs
    const payload = Buffer.alloc(8)
    payload.writeDoubleBE(nowMs)
    webSocket.ping(payload)
  }

  /** Resolves when the connection is gone, after `end`. */
  async whenClosed(): Promise<void> {
    const { webSocket } = this.#options
    if (webSocket.readyState !== WebSocket.CLOSED) await once(webSocket, 'close')
  }

  end(end: LinkEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    const { webSocket, nodeId } = this.#options
    this.streams.close(new AppError('link-lost', `The link to node ${nodeId} is lost: ${end.message}`, { nodeId, code: end.code }))
    // A peer that does not answer gets no closing handshake; one that does learns the reason.
    if (end.code === 'silent' || end.code === 'slow') webSocket.terminate()
    else webSocket.close(end.code === 'rubbish' ? 1008 : 1000, end.message.slice(0, 100))
    this.#options.onEnd(end)
  }

  #sendFrame(data: string | Uint8Array, onTaken?: () => void): boolean {
    const { webSocket } = this.#options
    if (this.#isOver) return false
    if (webSocket.bufferedAmount + data.length > MAX_QUEUED_BYTES) {
      this.end({ code: 'slow', message: `${webSocket.bufferedAmount} bytes wait for it` })
      return false
    }
    webSocket.send(data, () => onTaken?.())
    return true
  }

  #receivePong(payload: Buffer): void {
    if (payload.length !== 8) return
    const durationMs = this.#options.clock.now() - payload.readDoubleBE()
    if (durationMs >= 0 && durationMs < 60_000) this.#roundTrip.add(durationMs)
  }
}

function isProtocolError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('WS_ERR')
}
