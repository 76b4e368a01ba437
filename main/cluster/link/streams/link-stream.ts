import { StreamQueue } from '../../../platform/waiting/stream-queue.ts'
import { takeTurns } from '../../../platform/waiting/take-turns.ts'
import { AppError } from '../../../shared/app-error.ts'
import type { ErrorCode } from '../../../shared/error-codes.ts'
import type { NodeId } from '../../../shared/ids.ts'
import { MAX_CHUNK_BYTES } from '../../../shared/wire/peer/frame-limits.ts'
import type { StreamFrame } from './stream-frame.ts'

/** The window: bytes that may be sent before the reader takes them. */
export const WINDOW_BYTES = 1024 * 1024
/** Charged for every chunk in addition to its bytes, so that empty chunks fill the window too. */
const CHUNK_COST_BYTES = 64

/** One of many two-way streams on a link. Chunks arrive complete and in order. */
export interface LinkStream extends AsyncIterable<Uint8Array> {
  readonly nodeId: NodeId
  readonly kind: string
  /** The header from the opener; the handler parses it. */
  readonly header: unknown
  /** Aborted, with the error as its reason, if either side cancels or the link is lost, but not at a normal end. */
  readonly signal: AbortSignal
  /**
   * Resolves when the link has accepted the chunk: without awaiting it, memory grows. Rejects with the reason of
   * `signal`.
   * @throws AppError `chunk-too-large` above `MAX_CHUNK_BYTES`
   */
  send(chunk: Uint8Array): Promise<void>
  /** Ends this side's direction, after everything already sent. */
  end(): Promise<void>
  /** The next chunk, null after the peer's `end`. Leaving a `for await` early cancels the stream. */
  receive(): Promise<Uint8Array | null>
  /** Ends both directions at once. The other side gets an AppError with this code and message. Has no effect on an ended stream. */
  cancel(code: ErrorCode, message: string): void
}

export interface StreamEndOptions {
  readonly nodeId: NodeId
  readonly kind: string
  readonly header: unknown
  readonly streamId: number
  /** Control frames, which are sent at once. */
  sendNow(frame: StreamFrame): void
  /** Data frames, which take turns with the other streams of the link. */
  sendInTurn(frame: StreamFrame, signal: AbortSignal): Promise<void>
  /** Called when both directions have ended. */
  onOver(): void
}

/** This node's end of a stream, with its input from the link. */
export class StreamEnd implements LinkStream {
  readonly nodeId: NodeId
  readonly kind: string
  readonly header: unknown
  readonly #options: StreamEndOptions
  readonly #controller = new AbortController()
  readonly #incoming = new StreamQueue<Uint8Array>()
  /** Serializes sends and the end. */
  readonly #inTurn = takeTurns()
  #sendWindowBytes = WINDOW_BYTES
  #receiveWindowBytes = WINDOW_BYTES
  #readBytes = 0
  #wakeSender: () => void = () => {}
  #hasEnded = false
  #peerHasEnded = false
  #isOver = false

  constructor(options: StreamEndOptions) {
    this.nodeId = options.nodeId
    this.kind = options.kind
    this.header = options.header
    this.#options = options
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  send(chunk: Uint8Array): Promise<void> {
    if (chunk.length > MAX_CHUNK_BYTES) {
      throw new AppError('chunk-too-large', `A chunk of ${chunk.length} bytes exceeds ${MAX_CHUNK_BYTES} bytes: split it.`, {
        bytes: chunk.length,
      })
    }
    return this.#inTurn(async () => {
      const costBytes = chunk.length + CHUNK_COST_BYTES
      while (this.#sendWindowBytes < costBytes && !this.signal.aborted) await new Promise<void>((resolve) => (this.#wakeSender = resolve))
      this.signal.throwIfAborted()
      this.#sendWindowBytes -= costBytes
      await this.#options.sendInTurn({ type: 'data', streamId: this.#options.streamId, payload: chunk }, this.signal)
    })
  }

  end(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#hasEnded || this.#isOver) return
      this.#hasEnded = true
      this.#options.sendNow({ type: 'end', streamId: this.#options.streamId })
      if (this.#peerHasEnded) this.#finish()
    })
  }

  async receive(): Promise<Uint8Array | null> {
    const next = await this.#incoming.next()
    if (next.done) return null
    this.#giveCredit(next.value.length + CHUNK_COST_BYTES)
    return next.value
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let chunk = await this.receive(); chunk !== null; chunk = await this.receive()) yield chunk
    } finally {
      if (!this.#peerHasEnded) this.cancel('stream-abandoned', 'The reader stopped reading.')
    }
  }

  cancel(code: ErrorCode, message: string): void {
    if (this.#isOver) return
    this.#options.sendNow({ type: 'reset', streamId: this.#options.streamId, payload: Buffer.from(JSON.stringify({ code, message })) })
    this.fail(new AppError(code, message))
  }

  /**
   * The stream ended without notifying the peer: the peer itself ended it, or the link is gone. Chunks that have
   * arrived are still delivered.
   */
  fail(error: AppError): void {
    if (this.#isOver) return
    this.#incoming.fail(error)
    this.#finish()
    this.#controller.abort(error)
    this.#wakeSender()
  }

  /** @returns false if the peer violated the protocol */
  receiveData(chunk: Uint8Array): boolean {
    this.#receiveWindowBytes -= chunk.length + CHUNK_COST_BYTES
    if (this.#receiveWindowBytes < 0 || this.#peerHasEnded) return false
    this.#incoming.push(chunk)
    return true
  }

  receiveEnd(): boolean {
    if (this.#peerHasEnded) return false
    this.#peerHasEnded = true
    this.#incoming.end()
    if (this.#hasEnded) this.#finish()
    return true
  }

  receiveCredit(creditBytes: number): boolean {
    this.#sendWindowBytes += creditBytes
    this.#wakeSender()
    return this.#sendWindowBytes <= WINDOW_BYTES
  }

  /** Cleans up after the handler: ends the stream and resets a peer that is still sending. */
  async close(): Promise<void> {
    await this.end()
    if (!this.#peerHasEnded) this.cancel('stream-done', 'The other side has closed the stream.')
  }

  #giveCredit(readBytes: number): void {
    this.#readBytes += readBytes
    if (this.#readBytes < WINDOW_BYTES / 4 || this.#peerHasEnded || this.#isOver) return
    this.#options.sendNow({ type: 'credit', streamId: this.#options.streamId, creditBytes: this.#readBytes })
    this.#receiveWindowBytes += this.#readBytes
    this.#readBytes = 0
  }

  #finish(): void {
    this.#isOver = true
    this.#options.onOver()
  }
}
