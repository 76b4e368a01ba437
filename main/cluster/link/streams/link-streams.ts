import { z } from 'zod'
import type { Log } from '../../../platform/log/log.ts'
import { AppError, errorCode, errorMessage } from '../../../shared/app-error.ts'
import { toErrorCode } from '../../../shared/error-codes.ts'
import type { NodeId } from '../../../shared/ids.ts'
import { refusePeerWords } from '../../../shared/wire/peer/refuse-peer-words.ts'
import { StreamEnd, type LinkStream } from './link-stream.ts'
import { formatStreamFrame, parseStreamFrame, type StreamFrame } from './stream-frame.ts'

/** Streams that each side may have open on a link at the same time. */
export const MAX_STREAMS = 128
/** Longest header, as JSON. */
export const MAX_HEADER_BYTES = 2 * 1024 * 1024

/** Serves one stream. When it resolves, the stream is ended; when it rejects, the stream is cancelled with the error's code and message. */
export type StreamHandler = (stream: LinkStream) => Promise<void>

export interface LinkStreamsOptions {
  readonly nodeId: NodeId
  /** The dialer's streams have odd ids, the acceptor's even ones. */
  readonly isDialer: boolean
  readonly log: Pick<Log, 'debug' | 'warn'>
  handlerOf(kind: string): StreamHandler | undefined
  sendNow(bytes: Uint8Array): void
  sendInTurn(bytes: Uint8Array, signal: AbortSignal): Promise<void>
}

const OpenPayload = z.strictObject({ kind: z.string().min(1).max(64), header: z.unknown() })
const ResetPayload = z.strictObject({ code: z.string().min(1).max(64), message: z.string().max(4096) })

/** All streams of one link. */
export class LinkStreams {
  readonly #options: LinkStreamsOptions
  readonly #streams = new Map<number, StreamEnd>()
  #nextOwnId: number
  #nextPeerId: number
  #openedByPeer = 0

  constructor(options: LinkStreamsOptions) {
    this.#options = options
    this.#nextOwnId = options.isDialer ? 1 : 2
    this.#nextPeerId = options.isDialer ? 2 : 1
  }

  /** @throws AppError `too-many-streams`, `header-too-large` */
  open(kind: string, header: unknown, signal?: AbortSignal): LinkStream {
    signal?.throwIfAborted()
    const payload = Buffer.from(JSON.stringify({ kind, header }))
    if (payload.length > MAX_HEADER_BYTES)
      throw new AppError('header-too-large', `The header of a ${kind} stream exceeds ${MAX_HEADER_BYTES} bytes.`, { kind })
    if (this.#streams.size - this.#openedByPeer >= MAX_STREAMS) throw tooManyStreams()
    const streamId = this.#nextOwnId
    this.#nextOwnId += 2
    const cancel = (): void => stream.cancel('cancelled', 'Cancelled.')
    const stream = this.#add(streamId, kind, header, () => signal?.removeEventListener('abort', cancel))
    this.#send({ type: 'open', streamId, payload })
    signal?.addEventListener('abort', cancel, { once: true })
    return stream
  }

  /** @returns the protocol rule that the peer violated, or null */
  receive(bytes: Uint8Array): string | null {
    const frame = parseStreamFrame(bytes)
    if (!frame) return 'a binary frame that is not a stream frame'
    if (frame.type === 'open') return this.#receiveOpen(frame.streamId, frame.payload)
    // Frames that crossed the end of their stream are expected.
    const stream = this.#streams.get(frame.streamId)
    if (!stream) return null
    switch (frame.type) {
      case 'data':
        return stream.receiveData(frame.payload) ? null : 'stream data beyond its window'
      case 'end':
        return stream.receiveEnd() ? null : 'a second end of a stream'
      case 'credit':
        return stream.receiveCredit(frame.creditBytes) ? null : 'more stream credit than its window'
      case 'reset': {
        const reset = parseJson(ResetPayload, frame.payload)
        if (!reset) return 'an unreadable stream reset'
        stream.fail(
          new AppError(toErrorCode(reset.code, 'peer-failed'), reset.message, { nodeId: this.#options.nodeId, peerCode: reset.code }),
        )
        return null
      }
    }
  }

  close(error: AppError): void {
    for (const stream of [...this.#streams.values()]) stream.fail(error)
  }

  #receiveOpen(streamId: number, payload: Uint8Array): string | null {
    const open = payload.length <= MAX_HEADER_BYTES ? parseJson(OpenPayload, payload) : null
    if (!open || streamId !== this.#nextPeerId || refusePeerWords(open.header) !== null) return 'an unreadable opening of a stream'
    this.#nextPeerId += 2
    this.#openedByPeer += 1
    const stream = this.#add(streamId, open.kind, open.header, () => (this.#openedByPeer -= 1))
    const handler = this.#options.handlerOf(open.kind)
    if (this.#openedByPeer > MAX_STREAMS) stream.cancel(tooManyStreams().code, tooManyStreams().message)
    else if (!handler) stream.cancel('unknown-stream-kind', `This node does not serve ${open.kind} streams.`)
    else void this.#serve(stream, handler)
    return null
  }

  async #serve(stream: StreamEnd, handler: StreamHandler): Promise<void> {
    try {
      await handler(stream)
      await stream.close()
    } catch (error) {
      const level = error instanceof AppError ? 'debug' : 'warn'
      if (!stream.signal.aborted) this.#options.log[level]('a stream failed', { kind: stream.kind, nodeId: stream.nodeId, error })
      stream.cancel(errorCode(error), errorMessage(error).slice(0, 4096))
    }
  }

  #add(streamId: number, kind: string, header: unknown, onOver: () => void): StreamEnd {
    const stream = new StreamEnd({
      nodeId: this.#options.nodeId,
      kind,
      header,
      streamId,
      sendNow: (frame) => this.#send(frame),
      sendInTurn: (frame, signal) => this.#options.sendInTurn(formatStreamFrame(frame), signal),
      onOver: () => {
        this.#streams.delete(streamId)
        onOver()
      },
    })
    this.#streams.set(streamId, stream)
    return stream
  }

  #send(frame: StreamFrame): void {
    this.#options.sendNow(formatStreamFrame(frame))
  }
}

function tooManyStreams(): AppError {
  return new AppError('too-many-streams', `The link already has ${MAX_STREAMS} open streams. Wait for some to end.`)
}

function parseJson<Output>(schema: z.ZodType<Output>, bytes: Uint8Array): Output | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))).data ?? null
  } catch {
    return null
  }
}
