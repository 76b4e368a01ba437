import type { RawData, WebSocket } from 'ws'
import { AppError } from '../../../shared/app-error.ts'

type FrameListener = (bytes: Buffer, isBinary: boolean) => void

/** Reads the first frame separately from the others, and loses none in between. */
export class FrameReader {
  readonly #waiting: { bytes: Buffer; isBinary: boolean }[] = []
  #listener: FrameListener | null = null
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      // `nodebuffer`, the default binaryType, makes every frame one Buffer.
      const bytes = data as Buffer
      if (this.#listener) return this.#listener(bytes, isBinary)
      this.#waiting.push({ bytes, isBinary })
      // A stranger may send any number of frames before anyone reads them.
      webSocket.pause()
    })
  }

  /** The first frame, a text. Rejects with `signal`'s reason, or AppError `link-closed` if the other side disconnects first. */
  first(signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#listener = null
        this.#webSocket.off('close', onClose)
        this.#webSocket.off('error', onError)
        signal.removeEventListener('abort', onAbort)
        act()
      }
      const onClose = (): void =>
        settle(() => reject(new AppError('link-closed', 'The other side disconnected before it identified itself.')))
      const onError = (error: Error): void => settle(() => reject(error))
      const onAbort = (): void => settle(() => reject(signal.reason))
      const take: FrameListener = (bytes, isBinary) =>
        settle(() =>
          isBinary ? reject(new AppError('bad-greeting', 'The other side started with a binary frame.')) : resolve(bytes.toString('utf8')),
        )
      if (signal.aborted) return reject(signal.reason)
      const waiting = this.#waiting.shift()
      if (this.#waiting.length === 0) this.#webSocket.resume()
      if (waiting) return take(waiting.bytes, waiting.isBinary)
      this.#listener = take
      this.#webSocket.once('close', onClose)
      this.#webSocket.once('error', onError)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Passes on all further frames, including those already received. */
  forward(listener: FrameListener): void {
    this.#listener = listener
    for (const { bytes, isBinary } of this.#waiting.splice(0)) listener(bytes, isBinary)
    this.#webSocket.resume()
  }
}
