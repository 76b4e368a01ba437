import type { RawData, WebSocket } from 'ws'
import { pairingError } from './pairing-error.ts'
import { PairingFrame, type PairingFrameOf, type PairingRefusal } from './pairing-frame.ts'

/** Limit of unanswered frames; a correct peer never reaches it. */
const MOST_WAITING_FRAMES = 4

/** The frames of one pairing connection, in order. */
export class PairingChannel {
  readonly #webSocket: WebSocket
  readonly #waiting: (PairingFrame | null)[] = []
  #next: (() => void) | null = null

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket
    webSocket.on('message', (data: RawData) => {
      if (this.#waiting.length >= MOST_WAITING_FRAMES) webSocket.terminate()
      else this.#take(parseFrame((data as Buffer).toString('utf8')))
    })
    webSocket.on('error', () => webSocket.terminate()) // 'close' follows
    webSocket.once('close', () => this.#take(null))
  }

  send(frame: PairingFrame): void {
    this.#webSocket.send(JSON.stringify(frame))
  }

  /**
   * The next frame, which must be of this type. Rejects with `signal`'s reason if that aborts first.
   * @throws AppError `pairing-…`: the other side's refusal, or an error because it sent another frame or disconnected
   */
  async receive<Type extends PairingFrame['type']>(type: Type, signal: AbortSignal): Promise<PairingFrameOf<Type>> {
    const frame = await this.receiveAny(signal)
    if (frame.type !== type) throw pairingError('broken')
    return frame as PairingFrameOf<Type>
  }

  async receiveAny(signal: AbortSignal): Promise<PairingFrame> {
    while (this.#waiting.length === 0) await this.#arrival(signal)
    const frame = this.#waiting.shift()
    if (!frame) throw pairingError('broken')
    if (frame.type === 'refusal') throw pairingError(frame.code)
    return frame
  }

  /** Whether all received frames have been read. */
  isQuiet(): boolean {
    return this.#waiting.length === 0
  }

  /** Sends the reason for the refusal and closes the connection. */
  refuse(code: PairingRefusal): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.send({ type: 'refusal', code })
    this.close()
  }

  /** Frames sent before still arrive. */
  close(): void {
    this.#webSocket.close(1000)
  }

  #take(frame: PairingFrame | null): void {
    this.#waiting.push(frame)
    this.#next?.()
  }

  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => settle(() => reject(signal.reason))
      const settle = (act: () => void): void => {
        signal.removeEventListener('abort', abort)
        this.#next = null
        act()
      }
      if (signal.aborted) return reject(signal.reason)
      this.#next = () => settle(resolve)
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}

/** null: unknown to this version. */
function parseFrame(text: string): PairingFrame | null {
  try {
    return PairingFrame.parse(JSON.parse(text))
  } catch {
    return null
  }
}
